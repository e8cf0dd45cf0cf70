//! The types of the language (reference §4).

use crate::ids::{EnumId, ExperimentId};
use serde::{Deserialize, Serialize};

/// A type without its optionality.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The names are the language's own.
pub enum Type {
    Bool,
    Int,
    Number,
    Percent,
    Money(Currency),
    Duration,
    Time,
    Date,
    Instant,
    Text,
    Country,
    Language,
    Timezone,
    Email,
    Phone,
    Url,
    Enum(EnumId),
    /// A set of texts, of ints or of an enum's members.
    Set(Element),
    Channel,
    Class,
    Message,
    Purpose,
    Arm(ExperimentId),
    Weekday,
}

/// What a set holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Element {
    Text,
    Int,
    Enum(EnumId),
}

impl Type {
    /// Whether a cell of this type holds the bits of a double.
    pub fn is_float(self) -> bool {
        matches!(self, Type::Number | Type::Percent)
    }

    /// Whether a cell of this type is a position, in a list of texts, countries, members: never less than 0.
    pub(crate) fn is_ordinal(self) -> bool {
        use Type::*;
        match self {
            Bool | Text | Country | Language | Timezone | Email | Phone | Url | Enum(_) => true,
            Channel | Class | Message | Purpose | Arm(_) | Weekday => true,
            Int | Number | Percent | Money(_) | Duration | Time | Date | Instant | Set(_) => false,
        }
    }

    /// Whether a model can take it: it is a number, or stands for one.
    pub fn is_feature(self) -> bool {
        matches!(
            self,
            Type::Bool
                | Type::Int
                | Type::Number
                | Type::Percent
                | Type::Money(_)
                | Type::Enum(_)
                | Type::Weekday
        )
    }

    /// Whether a cell of this type names a text.
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Type::Text
                | Type::Country
                | Type::Language
                | Type::Timezone
                | Type::Email
                | Type::Phone
                | Type::Url
        )
    }
}

impl Element {
    /// The type of a member.
    pub fn ty(self) -> Type {
        match self {
            Element::Text => Type::Text,
            Element::Int => Type::Int,
            Element::Enum(id) => Type::Enum(id),
        }
    }
}

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency of an ISO 4217 code in capitals.
    pub fn from_code(code: &str) -> Option<Currency> {
        let currency = iso_currency::Currency::from_code(code)?;
        currency.exponent()?;
        Some(Currency(code.as_bytes().try_into().ok()?))
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimals its minor unit has: 2 for EUR, 0 for JPY.
    pub fn decimals(self) -> u32 {
        iso_currency::Currency::from_code(self.code()).and_then(|c| c.exponent()).unwrap_or(2).into()
    }

    /// Minor units in one major unit.
    pub fn minor_units(self) -> i64 {
        10_i64.pow(self.decimals())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Currency::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("unknown currency {code}")))
    }
}
