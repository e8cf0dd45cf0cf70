//! How the body is read: whatever the bytes are, what comes out is within the tables of the plan, or an error.

use crate::policy::Policy;
use comity_compiler::plan::Plan;
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use smol_str::SmolStr;

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage(pub(crate) &'static str);

type Read<T> = Result<T, Damage>;

/// Distances from here on are told apart.
pub(super) const FAR: u64 = u64::MAX - 2;

/// Reads what a [`super::Writer`] wrote.
pub(crate) struct Reader<'b> {
    pub(crate) policy: &'b Policy,
    pub(crate) plan: &'b Plan,
    rest: &'b [u8],
    now: i64,
}

impl<'b> Reader<'b> {
    pub(super) fn new(policy: &'b Policy, body: &'b [u8]) -> Reader<'b> {
        Reader { policy, plan: &policy.plan, rest: body, now: 0 }
    }

    /// From now on instants are told by their distance from this one.
    pub(crate) fn stand_at(&mut self, now: i64) {
        self.now = if now == i64::MIN { 0 } else { now };
    }

    pub(super) fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(Damage("there is more than a customer has")) }
    }

    pub(crate) fn byte(&mut self) -> Read<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Damage("it ends too early"))?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(crate) fn number(&mut self) -> Read<u64> {
        varint(&mut self.rest)
    }

    pub(crate) fn small(&mut self) -> Read<u32> {
        u32::try_from(self.number()?).map_err(|_| Damage("a number is too large"))
    }

    /// How many things follow, of which none takes less than a byte.
    pub(crate) fn count(&mut self) -> Read<usize> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count <= self.rest.len() { Ok(count) } else { Err(Damage("it ends too early")) }
    }

    /// The position of one of so many things.
    pub(crate) fn below(&mut self, count: usize) -> Read<u32> {
        let number = self.small()?;
        if (number as usize) < count { Ok(number) } else { Err(Damage("it names what the policy hasn't")) }
    }

    /// The same, or none.
    pub(crate) fn optional(&mut self, count: usize) -> Read<Option<u32>> {
        let number = self.below(count.saturating_add(1))?;
        Ok(number.checked_sub(1))
    }

    pub(crate) fn signed(&mut self) -> Read<i64> {
        self.number().map(unzigzag)
    }

    pub(crate) fn wide(&mut self) -> Read<i128> {
        let (mut number, mut shift) = (0_u128, 0);
        loop {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            if shift > 126 || shift == 126 && bits > 3 || shift > 0 && byte == 0 {
                return Err(Damage("a number is too large"));
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok((number >> 1) as i128 ^ -((number & 1) as i128));
            }
            shift += 7;
        }
    }

    /// µs
    pub(crate) fn instant(&mut self) -> Read<i64> {
        self.instant_near(self.now)
    }

    pub(crate) fn instant_near(&mut self, near: i64) -> Read<i64> {
        let distance = match self.number()? {
            0 => return Ok(i64::MIN),
            1 => return Ok(i64::MAX),
            u64::MAX => self.number()?.checked_add(FAR).ok_or(Damage("a number is too large"))?,
            near => near - 2,
        };
        Ok(near.wrapping_add(unzigzag(distance)))
    }

    fn str(&mut self, length: u64) -> Read<&'b str> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Damage("it ends too early"))?;
        self.rest = rest;
        str::from_utf8(text).map_err(|_| Damage("a text is not UTF-8"))
    }

    pub(crate) fn text(&mut self) -> Read<SmolStr> {
        let length = self.number()?;
        self.str(length).map(SmolStr::new)
    }

    pub(crate) fn optional_text(&mut self) -> Read<Option<SmolStr>> {
        match self.number()?.checked_sub(1) {
            Some(length) => self.str(length).map(SmolStr::new).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn id(&mut self) -> Read<SmolStr> {
        let length = self.number()?;
        if length == 1 {
            let mut id = String::with_capacity(34);
            id.push_str("s_");
            crate::record::push_hex(&mut id, &self.array::<16>()?);
            return Ok(SmolStr::new(id));
        }
        if length % 2 == 1 {
            return Err(Damage("an id has no form"));
        }
        self.str(length / 2).map(SmolStr::new)
    }

    pub(crate) fn value(&mut self, ty: Type) -> Read<Value> {
        match ty {
            Type::Set(element) => {
                let count = self.count()?;
                let mut members = Vec::with_capacity(count);
                for _ in 0..count {
                    members.push(self.value(element.ty())?);
                }
                let key = |member| self.policy.texts.key(self.plan, element.ty(), member);
                if !members.is_sorted_by(|one, next| key(one) < key(next)) {
                    return Err(Damage("a set is not in order"));
                }
                members.sort_unstable();
                Ok(Value::Set(members.into()))
            }
            ty if ty.is_text() => {
                let length = self.number()?;
                if length % 2 == 0 {
                    let (policy, text) = (self.policy, self.str(length / 2)?);
                    return Ok(policy.texts.unplaced(policy, text));
                }
                match self.plan.texts_in_order.get((length / 2) as usize) {
                    Some(text) => Ok(Value::Cell(text.0.into())),
                    None => Err(Damage("it names what the policy hasn't")),
                }
            }
            ty => self.cell(ty).map(Value::Cell),
        }
    }

    pub(crate) fn cell(&mut self, ty: Type) -> Read<u64> {
        let plan = self.plan;
        let among = match ty {
            Type::Number | Type::Percent => {
                let cell = u64::from_le_bytes(self.array()?);
                let is_number = !f64::from_bits(cell).is_nan();
                return if is_number { Ok(cell) } else { Err(Damage("a number is none")) };
            }
            Type::Int | Type::Money(_) | Type::Duration | Type::Time | Type::Date => {
                return self.signed().map(|number| number as u64);
            }
            Type::Instant => return self.instant().map(|instant| instant as u64),
            Type::Bool => 2,
            Type::Weekday => 7,
            Type::Channel => plan.channels.len(),
            Type::Class => plan.classes.len(),
            Type::Message => plan.messages.len(),
            Type::Purpose => plan.purposes.len(),
            Type::Enum(id) => plan.enums.get(id.index()).map_or(0, |one| one.members.len()),
            Type::Arm(id) => plan.experiments.get(id.index()).map_or(0, |one| one.arms.len()),
            // Those of texts and sets are no cells.
            _ => 0,
        };
        self.below(among).map(u64::from)
    }

    /// Which of some things are there.
    pub(crate) fn presence(&mut self, count: usize) -> Read<Presence<'b>> {
        let (bits, rest) =
            self.rest.split_at_checked(count.div_ceil(8)).ok_or(Damage("it ends too early"))?;
        self.rest = rest;
        Ok(Presence(bits))
    }
}

/// Which of some things are there.
#[derive(Clone, Copy)]
pub(crate) struct Presence<'b>(&'b [u8]);

impl Presence<'_> {
    pub(crate) fn has(self, at: usize) -> bool {
        self.0.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
    }
}

/// LEB128 without needless bytes.
pub(super) fn varint(bytes: &mut &[u8]) -> Read<u64> {
    let (mut number, mut shift) = (0_u64, 0);
    loop {
        let (byte, rest) = bytes.split_first().ok_or(Damage("it ends too early"))?;
        *bytes = rest;
        if shift == 63 && *byte > 1 || shift > 0 && *byte == 0 {
            return Err(Damage("a number is too large"));
        }
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Ok(number);
        }
        shift += 7;
    }
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
