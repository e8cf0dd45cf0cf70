//! The same decoder, slow and plain: the whole line as a tree first, then each value by its type.

use super::*;
use crate::intake::forms;
use serde_json::Value as Json;

/// `None` where the line is refused.
pub(super) fn decode(plan: &Plan, line: &[u8]) -> Option<Event> {
    let text = std::str::from_utf8(line).ok()?;
    let json: Json = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()?;
    let object = json.as_object()?;
    let id = |json: Option<&Json>| match json?.as_str()? {
        text if (1..=1024).contains(&text.len()) => Some(SmolStr::new(text)),
        _ => None,
    };
    let subject = id(object.get("subject"))?;
    let time = forms::instant(object.get("time")?.as_str()?).ok()?;
    let ty = object.get("type")?.as_str().filter(|ty| !ty.is_empty())?;
    if object.get("specversion").is_some_and(|version| version != "1.0")
        || object.get("source").is_some_and(|source| !source.is_string())
    {
        return None;
    }
    let empty = serde_json::Map::new();
    let (kind, unknown) = match plan.events.iter().position(|event| event.name == ty) {
        None => (Kind::Unknown, 0),
        Some(at) => {
            let data = match object.get("data") {
                None | Some(Json::Null) => &empty,
                Some(data) => data.as_object()?,
            };
            if at < BUILTIN_EVENTS.len() {
                builtin(plan, at, data, &subject)?
            } else {
                declared(plan, at, data)?
            }
        }
    };
    Some(Event { id: id(object.get("id"))?, subject, time, kind, unknown_fields: unknown })
}

type Object = serde_json::Map<String, Json>;

fn declared(plan: &Plan, at: usize, data: &Object) -> Option<(Kind, u32)> {
    let declared = &plan.events[at].fields;
    let mut fields = Vec::new();
    for (position, field) in declared.iter().enumerate() {
        let value = match data.get(field.name.as_str()) {
            None | Some(Json::Null) if field.optional => None,
            None | Some(Json::Null) => return None,
            Some(json) => Some(value(plan, field.ty, json)?),
        };
        let kept = plan
            .streams
            .iter()
            .any(|stream| stream.event == EventId::at(at) && stream.fields.contains(&(position as u32)));
        fields.push(value.filter(|value| kept || matches!(value, Value::Cell(_)) && !field.ty.is_text()));
    }
    let unknown = data.keys().filter(|key| !declared.iter().any(|field| field.name == **key)).count();
    Some((Kind::Known { event: EventId::at(at), fields: fields.into() }, unknown as u32))
}

fn builtin(plan: &Plan, at: usize, data: &Object, subject: &str) -> Option<(Kind, u32)> {
    // Outside: whether it is acceptable; inside: whether it is there.
    let get = |key: &str, ty: Type| match data.get(key) {
        None | Some(Json::Null) => Some(None),
        Some(json) => Some(Some(value(plan, ty, json)?)),
    };
    let id = |key: &str| match data.get(key) {
        None | Some(Json::Null) => Some(None),
        Some(Json::String(text)) if (1..=1024).contains(&text.len()) => Some(Some(SmolStr::new(text))),
        Some(_) => None,
    };
    let number = |value: Option<Value>| match value {
        Some(Value::Cell(cell)) => Some(cell as u32),
        _ => None,
    };
    let unknown = |known: &[&str]| data.keys().filter(|key| !known.contains(&key.as_str())).count() as u32;
    if at == 1 && is_misspelt(data, &["purpose", "channel", "confirmed"], &["source", "id"])
        || at == 2 && is_misspelt(data, &["purpose", "channel"], &["source"])
    {
        return None;
    }
    Some(match at {
        0 => {
            let mut attributes = Vec::new();
            for (position, attribute) in plan.attributes.iter().enumerate() {
                match data.get(attribute.name.as_str()) {
                    None => {}
                    Some(Json::Null) => attributes.push((AttributeId::at(position), None)),
                    Some(json) => {
                        attributes.push((AttributeId::at(position), Some(value(plan, attribute.ty, json)?)));
                    }
                }
            }
            let is_part =
                |key: &str| ["attributes", "consents", "consent"].contains(&key.to_lowercase().as_str());
            if data.iter().any(|(key, json)| is_part(key) && (json.is_array() || json.is_object())) {
                return None;
            }
            let names: Vec<&str> = plan.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            (Kind::Identify(attributes), unknown(&names))
        }
        1 => (
            Kind::ConsentGranted {
                purpose: PurposeId(number(get("purpose", Type::Purpose)?)?),
                channel: number(get("channel", Type::Channel)?).map(ChannelId),
                source: get("source", Type::Text)?,
                confirmed: number(get("confirmed", Type::Bool)?) == Some(1),
                receipt: id("id")?,
            },
            unknown(&["purpose", "channel", "source", "confirmed", "id"]),
        ),
        2 => (
            Kind::ConsentWithdrawn {
                purpose: number(get("purpose", Type::Purpose)?).map(PurposeId),
                channel: number(get("channel", Type::Channel)?).map(ChannelId),
                source: get("source", Type::Text)?,
            },
            unknown(&["purpose", "channel", "source"]),
        ),
        3 => (Kind::Merge { from: id("from")?.filter(|from| from != subject)? }, unknown(&["from"])),
        4 => return None,
        _ => {
            let (send, message, channel) = (id("send")?, id("message")?, id("channel")?);
            let message = plan.messages.iter().position(|m| Some(&m.name) == message.as_ref());
            let channel = plan.channels.iter().position(|c| Some(&c.name) == channel.as_ref());
            if send.is_none() && (message.is_none() || channel.is_none()) {
                return None;
            }
            let (message, channel) = (message.map(MessageId::at), channel.map(ChannelId::at));
            let kind = Kind::Delivery { event: EventId::at(at), send, message, channel };
            (kind, unknown(&["send", "message", "channel"]))
        }
    })
}

/// Whether a key is nearly one of these, or means the opposite of what stands there.
fn is_misspelt(data: &Object, guarded: &[&str], others: &[&str]) -> bool {
    let mut keys =
        data.keys().filter(|key| !guarded.contains(&key.as_str()) && !others.contains(&key.as_str()));
    keys.any(|key| {
        let (lower, most) = (key.to_lowercase(), (key.chars().count() / 3).max(1));
        let is_near = |name: &&str| key.len() <= 64 && strsim::osa_distance(&lower, name) <= most;
        let grants = guarded.contains(&"confirmed");
        grants && crate::intake::standing::is_of_standing(key) || guarded.iter().any(is_near)
    })
}

fn value(plan: &Plan, ty: Type, json: &Json) -> Option<Value> {
    let text = || json.as_str();
    let cell = |value: i64| Some(Value::Cell(value.cast_unsigned()));
    let double = |value: f64| Some(Value::Cell((value + 0.0).to_bits()));
    let name =
        |names: Vec<&SmolStr>| cell(names.iter().position(|name| Some(name.as_str()) == text())? as i64);
    let interned = |text: &str| match plan.texts.iter().position(|named| named == text) {
        Some(at) => Some(Value::Cell(at as u64)),
        None => Some(Value::Text(text.into())),
    };
    match ty {
        Type::Bool => cell(json.as_bool()?.into()),
        Type::Int => {
            let exact = |value: &f64| value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
            let large = json.is_i64() || json.is_u64();
            let whole = || json.as_f64().filter(exact).filter(|_| !large).map(|value| value as i64);
            cell(json.as_i64().or_else(whole)?)
        }
        Type::Number => double(json.as_f64()?),
        Type::Percent => match json {
            Json::String(text) => double(forms::percent(text).ok()?),
            _ => double(json.as_f64()?),
        },
        Type::Money(currency) => match json {
            Json::Object(object) => {
                let amount = match object.get("amount")? {
                    Json::String(text) => text.clone(),
                    json => json.as_i64()?.to_string(),
                };
                let currency_fits = object.get("currency")? == currency.code();
                cell(
                    forms::money(&amount, &currency, currency.decimals(), true)
                        .ok()
                        .filter(|_| currency_fits)?,
                )
            }
            _ => cell(forms::money(text()?, &currency, currency.decimals(), false).ok()?),
        },
        Type::Duration => cell(forms::duration(text()?).ok()?),
        Type::Time => cell(forms::time(text()?).ok()?),
        Type::Date => cell(forms::date(text()?).ok()?),
        Type::Instant => cell(forms::instant(text()?).ok()?),
        Type::Text => interned(text()?),
        Type::Country => forms::country(text()?).ok().and_then(|()| interned(text()?)),
        Type::Language => interned(&forms::language(text()?).ok()?),
        Type::Timezone => {
            let known =
                jiff::tz::TimeZoneDatabase::bundled().available().any(|zone| Some(zone.as_str()) == text());
            if known { interned(text()?) } else { None }
        }
        Type::Email => forms::email(text()?).ok().and_then(|()| interned(text()?)),
        Type::Phone => forms::phone(text()?).ok().and_then(|()| interned(text()?)),
        Type::Url => forms::url(text()?).ok().and_then(|()| interned(text()?)),
        Type::Enum(id) => name(plan.enums[id.index()].members.iter().collect()),
        Type::Channel => name(plan.channels.iter().map(|channel| &channel.name).collect()),
        Type::Purpose => name(plan.purposes.iter().map(|purpose| &purpose.name).collect()),
        Type::Message => name(plan.messages.iter().map(|message| &message.name).collect()),
        Type::Set(element) => {
            let members = json.as_array()?.iter().map(|json| value(plan, element.ty(), json));
            let mut members = members.collect::<Option<Vec<Value>>>()?;
            members.sort();
            members.dedup();
            Some(Value::Set(members.into()))
        }
        Type::Class | Type::Arm(_) | Type::Weekday => None,
    }
}
