//! Keys of other systems that say whether a consent holds. Where one of them is ignored, who has withdrawn has agreed.

/// In lower case and without what stands between words.
const WORDS: [&str; 60] = [
    "accepted",
    "active",
    "agreed",
    "allow",
    "allowed",
    "approved",
    "blocked",
    "canceled",
    "cancelled",
    "consent",
    "consented",
    "declined",
    "deleted",
    "denied",
    "deny",
    "disabled",
    "dnc",
    "donotcontact",
    "enabled",
    "ended",
    "expired",
    "given",
    "grant",
    "granted",
    "holds",
    "inactive",
    "invalid",
    "objected",
    "objection",
    "optedin",
    "optedout",
    "optin",
    "optout",
    "permission",
    "permitted",
    "refused",
    "rejected",
    "removed",
    "revocation",
    "revoke",
    "revoked",
    "state",
    "status",
    "stopped",
    "subscribed",
    "subscription",
    "suppressed",
    "suspended",
    "terminated",
    "unsubscribe",
    "unsubscribed",
    "unsubscription",
    "valid",
    "validity",
    "void",
    "voided",
    "withdraw",
    "withdrawal",
    "withdrawn",
    "withdrew",
];

/// What stands before such a word: `is_active`, `not_granted`.
const BEFORE: [&str; 5] = ["is", "has", "was", "not", "no"];

/// What stands behind it: `revoked_at`, `consent_status`.
const BEHIND: [&str; 7] = ["at", "on", "date", "time", "flag", "state", "status"];

/// Whether a key says whether a consent holds, however its words are joined.
pub(super) fn is_of_standing(key: &str) -> bool {
    const LONGEST: usize = 64;
    if key.len() > LONGEST {
        return false;
    }
    let word: String =
        key.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let starts = BEFORE.iter().filter_map(|before| word.strip_prefix(before)).chain([&*word]);
    let mut forms = starts
        .flat_map(|start| BEHIND.iter().filter_map(move |behind| start.strip_suffix(behind)).chain([start]));
    forms.any(|form| WORDS.contains(&form))
}

#[cfg(test)]
mod tests {
    use super::is_of_standing;

    #[test]
    fn what_says_whether_a_consent_holds() {
        for key in ["status", "revoked_at", "opt-out", "optedIn", "isActive", "Consent Status", "not_granted"]
        {
            assert!(is_of_standing(key), "{key}");
        }
        for key in ["note", "ip", "form", "version", "at", "is", "street", "expires_at", "wording", "estate"]
        {
            assert!(!is_of_standing(key), "{key}");
        }
    }
}
