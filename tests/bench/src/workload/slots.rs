//! What is known of a customer, and what an event says: 25 attributes and 5 fields.

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// One of these; `quoted` where the policy writes it as a text (countries, languages), else it is an enum's.
    Member {
        ty: &'static str,
        names: &'static [&'static str],
        quoted: bool,
    },
    Int,
    /// With so many decimals at most.
    Number(i32),
    Bool,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Profile,
    Event,
}

/// One of the values that conditions look at.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub name: &'static str,
    pub of: Of,
    pub kind: Kind,
}

/// All values of one decision, by slot: members by their position, bools as 0 and 1.
pub type Row = [f64; SLOTS.len()];

const TIER: Kind = members("Tier", &["bronze", "silver", "gold", "platinum"]);
const ACTION: Kind = members(
    "Action",
    &[
        "page_view",
        "product_view",
        "add_to_cart",
        "checkout_start",
        "purchase",
        "search",
        "app_open",
        "cart_abandon",
        "wishlist_add",
        "login",
        "signup",
        "support_chat",
    ],
);
const CATEGORY: Kind = members(
    "Category",
    &[
        "shoes",
        "outdoor",
        "tech",
        "books",
        "beauty",
        "toys",
        "garden",
        "sports",
        "grocery",
        "fashion",
        "jewelry",
        "kitchen",
        "furniture",
        "travel",
        "music",
        "pets",
        "baby",
        "auto",
        "health",
        "office",
    ],
);
const SOURCE: Kind = members("Source", &["web", "app", "mail", "text_message", "notification"]);
const COUNTRY: Kind = Kind::Member {
    ty: "country",
    names: &[
        "US", "DE", "GB", "FR", "NL", "ES", "IT", "PL", "SE", "BE", "AT", "CH", "DK", "NO", "FI", "PT", "IE",
        "CZ", "RO", "HU", "GR", "CA", "MX", "BR", "AR", "JP", "KR", "IN", "AU", "NZ",
    ],
    quoted: true,
};
const LANGUAGE: Kind = Kind::Member {
    ty: "language",
    names: &["en", "de", "fr", "nl", "es", "it", "pl", "sv", "pt", "ja"],
    quoted: true,
};

const fn members(ty: &'static str, names: &'static [&'static str]) -> Kind {
    Kind::Member { ty, names, quoted: false }
}

const fn profile(name: &'static str, kind: Kind) -> Slot {
    Slot { name, of: Of::Profile, kind }
}

const fn event(name: &'static str, kind: Kind) -> Slot {
    Slot { name, of: Of::Event, kind }
}

/// The slots; the constants of [`at`] are their positions.
pub const SLOTS: [Slot; 30] = [
    profile("tier", TIER),
    profile("country", COUNTRY),
    profile("language", LANGUAGE),
    profile("age", Kind::Int),
    profile("lifetime_value", Kind::Number(2)),
    profile("orders_90d", Kind::Int),
    profile("days_since_order", Kind::Int),
    profile("last_category", CATEGORY),
    profile("open_tickets", Kind::Int),
    profile("email_ok", Kind::Bool),
    profile("sms_ok", Kind::Bool),
    profile("push_ok", Kind::Bool),
    profile("ads_ok", Kind::Bool),
    profile("marketing_ok", Kind::Bool),
    profile("personal_ok", Kind::Bool),
    profile("churn", Kind::Number(4)),
    profile("conversion", Kind::Number(4)),
    profile("sends_7d", Kind::Int),
    profile("email_sends_7d", Kind::Int),
    profile("sms_sends_7d", Kind::Int),
    profile("has_app", Kind::Bool),
    profile("utc_offset", Kind::Int),
    profile("vip", Kind::Bool),
    profile("newcomer", Kind::Bool),
    profile("active_shopper", Kind::Bool),
    event("action", ACTION),
    event("category", CATEGORY),
    event("value", Kind::Number(2)),
    event("source", SOURCE),
    event("local_hour", Kind::Int),
];

/// Positions of the slots.
#[allow(missing_docs)]
pub mod at {
    pub const TIER: usize = 0;
    pub const COUNTRY: usize = 1;
    pub const LANGUAGE: usize = 2;
    pub const AGE: usize = 3;
    pub const LIFETIME_VALUE: usize = 4;
    pub const ORDERS_90D: usize = 5;
    pub const DAYS_SINCE_ORDER: usize = 6;
    pub const LAST_CATEGORY: usize = 7;
    pub const OPEN_TICKETS: usize = 8;
    pub const EMAIL_OK: usize = 9;
    pub const SMS_OK: usize = 10;
    pub const PUSH_OK: usize = 11;
    pub const ADS_OK: usize = 12;
    pub const MARKETING_OK: usize = 13;
    pub const PERSONAL_OK: usize = 14;
    pub const CHURN: usize = 15;
    pub const CONVERSION: usize = 16;
    pub const SENDS_7D: usize = 17;
    pub const EMAIL_SENDS_7D: usize = 18;
    pub const SMS_SENDS_7D: usize = 19;
    pub const HAS_APP: usize = 20;
    pub const UTC_OFFSET: usize = 21;
    pub const VIP: usize = 22;
    pub const NEWCOMER: usize = 23;
    pub const ACTIVE_SHOPPER: usize = 24;
    pub const ACTION: usize = 25;
    pub const CATEGORY: usize = 26;
    pub const VALUE: usize = 27;
    pub const SOURCE: usize = 28;
    pub const LOCAL_HOUR: usize = 29;
}

impl Slot {
    /// `profile.tier`
    pub fn path(&self) -> String {
        let of = match self.of {
            Of::Profile => "profile",
            Of::Event => "event",
        };
        format!("{of}.{}", self.name)
    }

    /// How many members there are.
    pub fn members(&self) -> usize {
        self.names().len()
    }

    fn names(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Member { names, .. } => names,
            _ => &[],
        }
    }

    /// The name of the member at a position.
    pub fn member(&self, position: f64) -> &'static str {
        self.names()[position as usize]
    }

    /// A value as JSON.
    pub fn json(&self, value: f64) -> String {
        match self.kind {
            Kind::Member { .. } => format!("\"{}\"", self.member(value)),
            Kind::Bool => (value == 1.0).to_string(),
            Kind::Int => (value as i64).to_string(),
            Kind::Number(_) => format!("{value:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_their_names() {
        for (position, name) in [
            (at::TIER, "tier"),
            (at::AGE, "age"),
            (at::LAST_CATEGORY, "last_category"),
            (at::PERSONAL_OK, "personal_ok"),
            (at::SMS_SENDS_7D, "sms_sends_7d"),
            (at::ACTIVE_SHOPPER, "active_shopper"),
            (at::ACTION, "action"),
            (at::LOCAL_HOUR, "local_hour"),
        ] {
            assert_eq!(SLOTS[position].name, name);
        }
        assert_eq!(SLOTS.iter().filter(|slot| slot.of == Of::Profile).count(), 25);
    }
}
