//! What each kind of line gives, and the words of each refusal.

use super::*;

fn read(line: &str) -> Result<Event, String> {
    Schema::new(&shop()).event(line.as_bytes()).map_err(|rejected| rejected.to_string())
}

fn kind(ty: &str, data: &str) -> Result<Kind, String> {
    let line =
        format!(r#"{{"id":"e1","type":"{ty}","subject":"c1","time":"2026-11-02T10:00:00Z","data":{data}}}"#);
    read(&line).map(|event| event.kind)
}

/// The value of one field of `every`.
fn field(name: &str, json: &str) -> Result<Option<Value>, String> {
    let at = shop().events[12].fields.iter().position(|field| field.name == name).unwrap();
    match kind("every", &format!(r#"{{"{name}":{json}}}"#))? {
        Kind::Known { mut fields, .. } => Ok(fields[at].take()),
        other => panic!("{other:?}"),
    }
}

fn cell(value: i64) -> Result<Option<Value>, String> {
    Ok(Some(Value::Cell(value.cast_unsigned())))
}

fn double(value: f64) -> Result<Option<Value>, String> {
    Ok(Some(Value::Cell(value.to_bits())))
}

fn text(value: &str) -> Result<Option<Value>, String> {
    Ok(Some(Value::Text(value.into())))
}

#[test]
fn a_whole_event() {
    let line = r#" {"specversion":"1.0","source":"shop","id":"e17","type":"purchase","subject":"c42",
        "time":"2026-11-02T10:00:00Z","datacontenttype":"application/json",
        "data":{"order":"o1","amount":"80.00 EUR","category":"shoes","weight":[1,{"g":2}]}} "#;
    let expected = Event {
        id: "e17".into(),
        subject: "c42".into(),
        time: 1_793_613_600_000_000,
        kind: Kind::Known {
            event: EventId(14),
            fields: Box::new([None, Some(Value::Cell(0)), Some(Value::Cell(8000)), None]),
        },
        unknown_fields: 1,
    };
    assert_eq!(read(line), Ok(expected.clone()));
    // The data may come before the type.
    let line = r#"{"data":{"category":"shoes","coupon":null,"amount":{"currency":"EUR","amount":"80"},"order":"o1","weight":1},
        "time":"2026-11-02T11:00:00+01:00","subject":"c42","type":"purchase","id":"e17"}"#;
    assert_eq!(read(line), Ok(expected));
}

#[test]
fn values_of_every_type() {
    assert_eq!(field("flag", "true"), cell(1));
    assert_eq!(field("count", "-3"), cell(-3));
    assert_eq!(field("count", "9223372036854775807"), cell(i64::MAX));
    // However a whole number is written.
    assert_eq!(field("count", "61.0"), cell(61));
    assert_eq!(field("count", "-1e3"), cell(-1000));
    assert_eq!(field("count", "-0"), cell(0));
    assert_eq!(field("count", "9007199254740991.0"), cell((1 << 53) - 1));
    assert_eq!(field("number", "3"), double(3.0));
    assert_eq!(field("number", "-0.0"), double(0.0));
    assert_eq!(field("number", "1e300"), double(1e300));
    // The nearest double, not one beside it.
    assert_eq!(field("number", "31.245270191439438"), double(31.245270191439438));
    assert_eq!(field("share", "0.15"), double(0.15));
    assert_eq!(field("share", "\"15%\""), double(0.15));
    assert_eq!(field("price", "\"19.99 EUR\""), cell(1999));
    assert_eq!(field("price", r#"{"amount":"19.99","currency":"EUR","x":1}"#), cell(1999));
    assert_eq!(field("price", r#"{"amount":19,"currency":"EUR"}"#), cell(1900));
    assert_eq!(field("yen", "\"500 JPY\""), cell(500));
    assert_eq!(field("span", "\"PT30M\""), cell(1_800_000_000));
    assert_eq!(field("hour", "\"21:00\""), cell(75_600_000_000));
    assert_eq!(field("day", "\"1970-01-03\""), cell(2));
    assert_eq!(field("moment", "\"1970-01-01T00:00:01Z\""), cell(1_000_000));
    assert_eq!(field("text", "\"hats\""), cell(1));
    assert_eq!(field("text", r#""h\u0061ts""#), cell(1));
    assert_eq!(field("text", "\"Hats\""), text("Hats"));
    assert_eq!(field("text", "\"\""), text(""));
    assert_eq!(field("country", "\"DE\""), cell(2));
    assert_eq!(field("country", "\"AT\""), text("AT"));
    assert_eq!(field("language", "\"DE-at\""), text("de-AT"));
    assert_eq!(field("zone", "\"Europe/Berlin\""), text("Europe/Berlin"));
    assert_eq!(field("email", "\"ada@shop.example\""), text("ada@shop.example"));
    assert_eq!(field("phone", "\"+4915112345678\""), text("+4915112345678"));
    assert_eq!(field("url", "\"https://shop.example/\""), text("https://shop.example/"));
    assert_eq!(field("tier", "\"gold\""), cell(2));
    assert_eq!(field("tier", "null"), Ok(None));
    let set = |members: &[Value]| Ok(Some(Value::Set(members.into())));
    assert_eq!(
        field("words", r#"["shoes","x","hats","x"]"#),
        set(&[Value::Cell(0), Value::Cell(1), Value::Text("x".into())])
    );
    assert_eq!(field("numbers", "[3.0,1,3]"), set(&[Value::Cell(1), Value::Cell(3)]));
    assert_eq!(field("tiers", r#"["gold","bronze"]"#), set(&[Value::Cell(0), Value::Cell(2)]));
    assert_eq!(field("words", "[]"), set(&[]));
}

#[test]
fn refused_values() {
    let refused = [
        ("flag", "1"),
        ("flag", "\"true\""),
        ("count", "3.5"),
        ("count", "\"3\""),
        ("count", "9223372036854775808"),
        ("count", "1e-3"),
        ("count", "9007199254740992.0"),
        ("count", "-9223372036854775809"),
        ("number", "\"3\""),
        ("number", "true"),
        ("share", "\"15\""),
        ("share", "[]"),
        ("price", "80"),
        ("price", "80.0"),
        ("price", "\"80\""),
        ("price", "\"80 USD\""),
        ("price", "\"80.005 EUR\""),
        ("price", "{}"),
        ("price", r#"{"amount":"80"}"#),
        ("price", r#"{"currency":"EUR"}"#),
        ("price", r#"{"amount":80.5,"currency":"EUR"}"#),
        ("price", r#"{"amount":"80","currency":"USD"}"#),
        ("price", r#"{"amount":"80","amount":"80","currency":"EUR"}"#),
        ("price", r#"{"amount":null,"currency":"EUR"}"#),
        ("price", "[]"),
        ("price", "true"),
        ("yen", "\"5.00 JPY\""),
        ("span", "30"),
        ("span", "\"1 hour\""),
        ("hour", "\"24:00\""),
        ("day", "\"2026-02-30\""),
        ("moment", "\"2026-02-03T10:00:00\""),
        ("moment", "1793613600"),
        ("text", "3"),
        ("text", "{}"),
        ("text", "[[]]"),
        ("country", "\"de\""),
        ("language", "\"de_DE\""),
        ("zone", "\"Europe/Berln\""),
        ("zone", "\"+01:00\""),
        ("email", "\"ada\""),
        ("phone", "\"0151\""),
        ("url", "\"shop\""),
        ("tier", "\"golld\""),
        ("tier", "\"\""),
        ("tier", "2"),
        ("words", "\"a\""),
        ("words", "[1]"),
        ("words", "[null]"),
        ("words", "{}"),
        ("numbers", "[1.5]"),
        ("tiers", "[\"gold\",\"lead\"]"),
    ];
    let mut said = String::new();
    for (name, json) in refused {
        let reason = field(name, json).unwrap_err();
        said.push_str(&format!("{json:42} {reason}\n"));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn refused_lines() {
    let head = r#""id":"e1","subject":"c1","time":"2026-11-02T10:00:00Z""#;
    let long = "x".repeat(1025);
    let refused = [
        String::new(),
        " ".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "{".to_owned(),
        "{}".to_owned(),
        "{}}".to_owned(),
        format!(r#"{{{head},"type":"ping"}}}}"#),
        format!(r#"{{{head},"type":"ping",}}"#),
        format!(r#"{{{head},"type":"ping","data":NaN}}"#),
        format!(r#"{{{head},"type":"ping","data":[]}}"#),
        format!(r#"{{{head},"type":"ping","data":"x"}}"#),
        format!(r#"{{{head},"type":"ping","data":1e999}}"#),
        format!(r#"{{{head},"type":"pin"#),
        format!(r#"{{{head}}}"#),
        format!(r#"{{{head},"type":""}}"#),
        format!(r#"{{{head},"type":null}}"#),
        format!(r#"{{{head},"type":"ping","id":"e2"}}"#),
        format!(r#"{{{head},"type":"ping","data":{{}},"data":{{}}}}"#),
        format!(r#"{{{head},"type":"ping","specversion":"0.3"}}"#),
        format!(r#"{{{head},"type":"ping","source":7}}"#),
        format!(r#"{{{head},"type":"purchase"}}"#),
        format!(r#"{{{head},"type":"purchase","data":null}}"#),
        format!(r#"{{{head},"type":"purchase","data":{{"order":"o1","category":null}}}}"#),
        format!(r#"{{{head},"type":"purchase","data":{{"order":"o1","category":"x","amount":"80"}}}}"#),
        format!(r#"{{{head},"type":"purchase","data":{{"order":1}}}}"#),
        format!(r#"{{{head},"type":"purchase","data":{{"order":"a","order":"b"}}}}"#),
        format!(r#"{{{head},"type":"purchase","data":{{"category":"x","amount":"1 EUR"}}}}"#),
        format!(r#"{{{head},"data":{{"order":7}},"type":"purchase"}}"#),
        format!(r#"{{{head},"type":"sent","data":{{}}}}"#),
        format!(r#"{{{head},"type":"merge","data":{{}}}}"#),
        format!(r#"{{{head},"type":"merge","data":{{"from":"c1"}}}}"#),
        format!(r#"{{{head},"type":"merge","data":{{"from":""}}}}"#),
        format!(r#"{{{head},"type":"identify","data":[]}}"#),
        format!(r#"{{{head},"type":"identify","data":{{"tier":"golden"}}}}"#),
        format!(r#"{{{head},"type":"identify","data":{{"tier":"gold","tier":"gold"}}}}"#),
        format!(r#"{{{head},"type":"identify","data":{{"timezone":"Mars/Base"}}}}"#),
        format!(r#"{{{head},"type":"identify","data":{{"email":"secret@@shop"}}}}"#),
        format!(r#"{{{head},"type":"identify","data":{{"email":5551234}}}}"#),
        format!(r#"{{{head},"type":"consent_granted","data":{{"channel":"email"}}}}"#),
        format!(r#"{{{head},"type":"consent_granted","data":{{"purpose":"marketting"}}}}"#),
        format!(r#"{{{head},"type":"consent_granted","data":{{"purpose":"marketing","channel":"e-mail"}}}}"#),
        format!(r#"{{{head},"type":"consent_granted","data":{{"purpose":"marketing","chanel":"email"}}}}"#),
        format!(r#"{{{head},"type":"consent_granted","data":{{"purpose":"marketing","granted":false}}}}"#),
        format!(r#"{{{head},"type":"consent_granted","data":{{"purpose":"marketing","Opt-Out":true}}}}"#),
        format!(
            r#"{{{head},"type":"identify","data":{{"attributes":{{}},"consents":[{{"withdrawn":true}}]}}}}"#
        ),
        format!(r#"{{{head},"type":"identify","data":{{"tier":"gold","consents":[]}}}}"#),
        format!(r#"{{{head},"type":"consent_withdrawn","data":{{"porpose":"marketing"}}}}"#),
        format!(r#"{{{head},"type":"consent_withdrawn","data":{{"channel":"pager"}}}}"#),
        format!(r#"{{{head},"type":"clicked","data":{{}}}}"#),
        format!(r#"{{{head},"type":"clicked","data":{{"message":"cart_email"}}}}"#),
        format!(r#"{{{head},"type":"clicked","data":{{"message":"cart_mail","channel":"email"}}}}"#),
        r#"{"id":17,"type":"ping","subject":"c1","time":"2026-11-02T10:00:00Z"}"#.to_owned(),
        r#"{"id":"","type":"ping","subject":"c1","time":"2026-11-02T10:00:00Z"}"#.to_owned(),
        format!(r#"{{"id":"{long}","type":"ping","subject":"c1","time":"2026-11-02T10:00:00Z"}}"#),
        r#"{"id":"e1","type":"ping","time":"2026-11-02T10:00:00Z"}"#.to_owned(),
        r#"{"id":"e1","type":"ping","subject":null,"time":"2026-11-02T10:00:00Z"}"#.to_owned(),
        r#"{"id":"e1","type":"ping","subject":"c1"}"#.to_owned(),
        r#"{"id":"e1","type":"ping","subject":"c1","time":"yesterday"}"#.to_owned(),
        r#"{"id":"e1","type":"ping","subject":"c1","time":"2026-11-02T10:00:00"}"#.to_owned(),
        r#"{"id":"e1","type":"ping","subject":"c1","time":"9999-12-31T23:59:59-01:00"}"#.to_owned(),
        r#"{"id":"e1","type":"ping","subject":"c1","time":1793613600}"#.to_owned(),
        r#"{"id":"e1","type":"ping","subject":"\ud83d","time":"2026-11-02T10:00:00Z"}"#.to_owned(),
        "{\"id\":\"e1\u{7}\",\"type\":\"ping\"}".to_owned(),
    ];
    let mut said = String::new();
    for line in refused {
        let reason = read(&line).unwrap_err();
        let shown: String = line.replace(head, "…").chars().take(90).collect();
        said.push_str(&format!("{}\n  {reason}\n", shown.escape_default()));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_refused_line_says_whose_it_was() {
    let schema = Schema::new(&shop());
    let line = br#"{"id":"e1","type":"purchase","data":{},"subject":"c1","time":"2026-11-02T10:00:00Z"}"#;
    let rejected = schema.event(line).unwrap_err();
    assert_eq!(rejected.id.as_deref(), Some("e1"));
    assert_eq!(rejected.subject.as_deref(), Some("c1"));
    assert_eq!(rejected.time, Some(1_793_613_600_000_000));
    let rejected = schema.event(b"{\"id\":\"e1\",\"subject\":\"c\xff1\"}").unwrap_err();
    assert_eq!(rejected.reason, Rejection::Utf8 { byte: 24 });
    assert_eq!((rejected.id.as_deref(), rejected.subject), (Some("e1"), None));
    let rejected = schema.event(br#"{"id":"e1","subject":7,"time":"now""#).unwrap_err();
    assert_eq!((rejected.id.as_deref(), rejected.subject, rejected.time), (Some("e1"), None, None));
}

#[test]
fn nesting_is_no_bomb() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let bomb = open.repeat(200_000) + "1" + &close.repeat(200_000);
        // In what is ignored it is only skipped; where a value is wanted it is refused.
        assert!(kind("ping", &format!(r#"{{"deep":{bomb}}}"#)).is_ok());
        assert!(kind("never_heard_of", &bomb).is_ok());
        assert!(field("text", &bomb).is_err());
        assert!(field("price", &bomb).is_err());
        assert!(field("words", &bomb).is_err());
        assert!(read(&bomb).is_err());
        assert!(read(&open.repeat(200_000)).is_err());
    }
}

#[test]
fn built_in_events() {
    assert_eq!(kind("identify", "null"), Ok(Kind::Identify(Vec::new())));
    assert_eq!(
        kind("identify", r#"{"tier":"silver","email":null,"age":7,"open_tickets":null}"#),
        Ok(Kind::Identify(vec![
            (AttributeId(4), Some(Value::Cell(1))),
            (AttributeId(0), None),
            (AttributeId(3), None),
        ]))
    );
    assert_eq!(
        kind(
            "consent_granted",
            r#"{"purpose":"marketing","channel":"push","source":"web","confirmed":true,"id":"web"}"#
        ),
        Ok(Kind::ConsentGranted {
            purpose: PurposeId(1),
            channel: Some(ChannelId(1)),
            source: Some(Value::Cell(3)),
            confirmed: true,
            receipt: Some("web".into()),
        })
    );
    assert_eq!(
        kind("consent_granted", r#"{"purpose":"care","source":"shop"}"#),
        Ok(Kind::ConsentGranted {
            purpose: PurposeId(0),
            channel: None,
            source: Some(Value::Text("shop".into())),
            confirmed: false,
            receipt: None,
        })
    );
    // Whatever else it says.
    for data in ["{}", r#"{"status":"revoked","withdrawn_at":"2026-11-01"}"#] {
        let withdrawn = Kind::ConsentWithdrawn { purpose: None, channel: None, source: None };
        assert_eq!(kind("consent_withdrawn", data), Ok(withdrawn));
    }
    assert_eq!(kind("merge", r#"{"from":"c0"}"#), Ok(Kind::Merge { from: "c0".into() }));
    assert_eq!(
        kind("clicked", r#"{"send":"s_1"}"#),
        Ok(Kind::Delivery { event: EventId(8), send: Some("s_1".into()), message: None, channel: None })
    );
    assert_eq!(
        kind("unsubscribed", r#"{"message":"cart_push","channel":"push"}"#),
        Ok(Kind::Delivery {
            event: EventId(11),
            send: None,
            message: Some(MessageId(1)),
            channel: Some(ChannelId(1)),
        })
    );
    // A send tells enough, also of a message that an older policy had.
    assert_eq!(
        kind("delivered", r#"{"message":"gone","channel":"email","send":"s_2"}"#),
        Ok(Kind::Delivery {
            event: EventId(5),
            send: Some("s_2".into()),
            message: None,
            channel: Some(ChannelId(0)),
        })
    );
    assert_eq!(kind("never_heard_of", r#"{"order":7}"#), Ok(Kind::Unknown));
    assert_eq!(kind("journey", "1e999"), Ok(Kind::Unknown));
}

#[test]
fn profiles() {
    let schema = Schema::new(&shop());
    let profile = schema
        .profile(
            br#"{
              "subject": "c1",
              "attributes": { "tier": "gold", "shoe_size": 43, "first_name": null, "interests": ["hats"] },
              "consents": [
                { "purpose": "marketing", "channel": "email", "source": "web", "confirmed": true, "id": "r1", "time": "1970-01-01T00:00:01Z" },
                { "withdrawn": true }
              ]
            }"#,
        )
        .unwrap();
    let expected = ProfileLine {
        subject: "c1".into(),
        attributes: profile.attributes.clone(),
        consents: vec![
            ConsentLine {
                purpose: Some(PurposeId(1)),
                channel: Some(ChannelId(0)),
                source: Some(Value::Cell(3)),
                confirmed: true,
                receipt: Some("r1".into()),
                time: Some(1_000_000),
                withdrawn: false,
            },
            ConsentLine {
                purpose: None,
                channel: None,
                source: None,
                confirmed: false,
                receipt: None,
                time: None,
                withdrawn: true,
            },
        ],
        unknown_attributes: 1,
        unknown_in_consents: Vec::new(),
    };
    assert_eq!(profile, expected);
    let given: Vec<_> = profile.attributes.into_iter().collect();
    let expected = [
        (AttributeId(1), None),
        (AttributeId(2), Some(Value::Set([Value::Cell(1)].into()))),
        (AttributeId(4), Some(Value::Cell(2))),
    ];
    assert_eq!(given, expected);
    let refused = [
        r#"{"attributes":{}}"#,
        r#"{"subject":"c1","attributes":[]}"#,
        r#"{"subject":"c1","attributes":{"tier":5}}"#,
        r#"{"subject":"c1","attributes":{"first_name":5551234}}"#,
        r#"{"subject":"c1","subject":"c2"}"#,
        r#"{"subject":"c1","tier":"gold","since":2020}"#,
        r#"{"subject":"c1","attributes":{},"consent":[{"purpose":"marketing","withdrawn":true}]}"#,
        r#"{"subject":"c1","Consents":[]}"#,
        r#"{"subject":"c1","attributs":{"tier":"gold"}}"#,
        r#"{"subject":"c1","consents":{}}"#,
        r#"{"subject":"c1","consents":["marketing"]}"#,
        r#"{"subject":"c1","consents":[{}]}"#,
        r#"{"subject":"c1","consents":[{"purpose":"marketin"}]}"#,
        r#"{"subject":"c1","consents":[{"purpose":"marketing","withdrawn":"yes"}]}"#,
        r#"{"subject":"c1","consents":[{"purpose":"marketing","status":"withdrawn"}]}"#,
        r#"{"subject":"c1","attributes":{"tier":"gold","consents":[{"withdrawn":true}]}}"#,
        r#"{"subject":"c1","consents":[{"purpose":"marketing","revokedAt":"2026-11-02"}]}"#,
        "{\"subject\":\"c1\",\n\"attributes\":{\"tier\":}}",
        r#"{"subject":"c1"} {"subject":"c2"}"#,
    ];
    // What nobody knows is left alone.
    let others = |line: &str| schema.profile(line.as_bytes()).map(|profile| profile.unknown_attributes);
    assert_eq!(others(r#"{"subject":"c1","tier":"gold","attributes":{},"since":2020}"#), Ok(0));
    assert_eq!(others(r#"{"subject":"c1","content":1,"attribution":2,"contact":3,"attributes":{}}"#), Ok(0));
    let consents =
        r#"{"subject":"c1","consents":[{"purpose":"care","ip":"::1"},{"withdrawn":true,"ip":0,"form":{}}]}"#;
    assert_eq!(schema.profile(consents.as_bytes()).unwrap().unknown_in_consents, ["ip", "ip", "form"]);
    // It may be meant, where nothing else is.
    assert_eq!(others(r#"{"subject":"c1","since":2020}"#), Ok(1));
    let mut said = String::new();
    for line in refused {
        said.push_str(&format!("{line}\n  {}\n", schema.profile(line.as_bytes()).unwrap_err()));
    }
    insta::assert_snapshot!(said);
    assert_eq!(
        schema.attributes(br#"{"open_tickets":2,"x":1}"#),
        Ok((vec![(AttributeId(3), Some(Value::Cell(2)))], 1))
    );
}
