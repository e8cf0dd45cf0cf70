//! What authors get wrong: one file for each mistake.
//!
//! A file has the mistake's code with its page in the manual, the functions that say it (message, labels, help and
//! mend, from the facts that they are given), what finds it where that stands on its own, and its tests. What finds
//! a mistake on the way to something else, a type or a name, stays where that is done, and calls the file.
//!
//! How messages are written: `docs/diagnostics/STYLE.md`.

#[cfg(test)]
pub(crate) mod fixture;
mod found;
#[cfg(test)]
mod gate;
mod prelude;
mod syntax;

pub(crate) mod always_outranked;
pub(crate) mod assignment_in_condition;
pub(crate) mod attribute_named_like_property;
pub(crate) mod attribute_unsaid;
pub(crate) mod bad_currency;
pub(crate) mod bad_manifest;
pub(crate) mod bad_pattern;
pub(crate) mod bad_share;
pub(crate) mod calculated_default;
pub(crate) mod cap_never_full;
pub(crate) mod cap_of_nothing;
pub(crate) mod cell_misfit;
pub(crate) mod chained_comparison;
pub(crate) mod channel_address;
pub(crate) mod classes_unranked;
pub(crate) mod consent_circle;
pub(crate) mod consent_rule_unreached;
pub(crate) mod consent_uncovered;
pub(crate) mod constant_condition;
pub(crate) mod content_incomplete;
pub(crate) mod content_missing;
pub(crate) mod content_twice;
pub(crate) mod content_unused;
pub(crate) mod declared_twice;
pub(crate) mod defined_by_itself;
pub(crate) mod delivery_of_others;
pub(crate) mod dependency_circle;
pub(crate) mod dependency_unusable;
pub(crate) mod empty_range;
pub(crate) mod empty_share;
pub(crate) mod endless_wait;
pub(crate) mod event_incomplete;
pub(crate) mod field_not_always_there;
pub(crate) mod foreign_name;
pub(crate) mod holdout_ignored;
pub(crate) mod hopeless_expectation;
pub(crate) mod idle_restart;
pub(crate) mod idle_via;
pub(crate) mod inbound_restraint;
pub(crate) mod invalid_format;
pub(crate) mod journey_circle;
pub(crate) mod journey_over_cap;
pub(crate) mod journey_too_long;
pub(crate) mod literal_wanted;
pub(crate) mod lone_arm;
pub(crate) mod match_gap;
pub(crate) mod may_be_unknown;
pub(crate) mod misspelt_field;
pub(crate) mod model_broken;
pub(crate) mod model_features;
pub(crate) mod model_file;
pub(crate) mod model_too_large;
pub(crate) mod model_unsupported;
pub(crate) mod name_taken;
pub(crate) mod never_eligible;
pub(crate) mod never_unknown;
pub(crate) mod no_declaration;
pub(crate) mod no_messages;
pub(crate) mod no_order;
pub(crate) mod no_policy;
pub(crate) mod no_property;
pub(crate) mod no_such_operation;
pub(crate) mod no_such_time;
pub(crate) mod no_time_zone;
pub(crate) mod not_a_name;
pub(crate) mod not_about_a_message;
pub(crate) mod not_known_here;
pub(crate) mod not_positive;
pub(crate) mod not_sendable;
pub(crate) mod not_utf8;
pub(crate) mod nothing_goes_out;
pub(crate) mod only_once;
pub(crate) mod optional_or_default;
pub(crate) mod outbound_placement;
pub(crate) mod personal_in_push;
pub(crate) mod property_missing;
pub(crate) mod purpose_violated;
pub(crate) mod question_in_where;
pub(crate) mod quiet_hours_empty;
pub(crate) mod rank_incomplete;
pub(crate) mod repeated_trigger;
pub(crate) mod said_twice;
pub(crate) mod segment_predicts;
pub(crate) mod shared_salt;
pub(crate) mod something_missing;
pub(crate) mod split_arms;
pub(crate) mod stop_of_nothing;
pub(crate) mod table_gap;
pub(crate) mod time_goes_back;
pub(crate) mod time_in_segment;
pub(crate) mod timeless_circle;
pub(crate) mod timeless_repeat;
pub(crate) mod too_deep;
pub(crate) mod too_large;
pub(crate) mod too_much;
pub(crate) mod trigger_not_handed_on;
pub(crate) mod two_currencies;
pub(crate) mod unanswerable_question;
pub(crate) mod unknown_edition;
pub(crate) mod unknown_name;
pub(crate) mod unknown_part;
pub(crate) mod unknown_sign;
pub(crate) mod unknown_type;
pub(crate) mod unknown_word;
pub(crate) mod unmatched_bracket;
pub(crate) mod unprintable;
pub(crate) mod unreachable_statement;
pub(crate) mod unreached_row;
pub(crate) mod unreadable_number;
pub(crate) mod unreadable_text;
pub(crate) mod unusable_key;
pub(crate) mod unused;
pub(crate) mod unused_tag;
pub(crate) mod values_in_two_currencies;
pub(crate) mod variant_for_no_one;
pub(crate) mod wrong_call;
pub(crate) mod wrong_kind;
pub(crate) mod wrong_type;

pub(crate) use found::Found;
pub(crate) use syntax::{
    follows_from, is_about_a_name, is_about_a_type, is_about_a_word, is_of_syntax, of_syntax,
};

use crate::diagnostic::Code;

/// Every mistake, by its code.
pub const CODES: &[Code] = &[
    not_utf8::CODE,
    no_policy::CODE,
    bad_manifest::CODE,
    unknown_edition::CODE,
    dependency_unusable::CODE,
    too_much::CODE,
    dependency_circle::CODE,
    unknown_sign::CODE,
    unreadable_text::CODE,
    unreadable_number::CODE,
    unmatched_bracket::CODE,
    too_deep::CODE,
    no_declaration::CODE,
    not_a_name::CODE,
    no_property::CODE,
    something_missing::CODE,
    chained_comparison::CODE,
    assignment_in_condition::CODE,
    unknown_name::CODE,
    declared_twice::CODE,
    name_taken::CODE,
    unknown_part::CODE,
    wrong_kind::CODE,
    not_known_here::CODE,
    defined_by_itself::CODE,
    wrong_call::CODE,
    unknown_type::CODE,
    foreign_name::CODE,
    optional_or_default::CODE,
    wrong_type::CODE,
    no_such_operation::CODE,
    no_order::CODE,
    may_be_unknown::CODE,
    never_unknown::CODE,
    unanswerable_question::CODE,
    question_in_where::CODE,
    not_about_a_message::CODE,
    literal_wanted::CODE,
    two_currencies::CODE,
    too_large::CODE,
    no_such_time::CODE,
    bad_currency::CODE,
    invalid_format::CODE,
    bad_pattern::CODE,
    empty_range::CODE,
    not_positive::CODE,
    match_gap::CODE,
    table_gap::CODE,
    unreached_row::CODE,
    cell_misfit::CODE,
    property_missing::CODE,
    said_twice::CODE,
    content_missing::CODE,
    content_unused::CODE,
    content_incomplete::CODE,
    content_twice::CODE,
    unprintable::CODE,
    field_not_always_there::CODE,
    attribute_named_like_property::CODE,
    variant_for_no_one::CODE,
    nothing_goes_out::CODE,
    attribute_unsaid::CODE,
    classes_unranked::CODE,
    rank_incomplete::CODE,
    values_in_two_currencies::CODE,
    cap_of_nothing::CODE,
    quiet_hours_empty::CODE,
    no_time_zone::CODE,
    channel_address::CODE,
    only_once::CODE,
    bad_share::CODE,
    shared_salt::CODE,
    holdout_ignored::CODE,
    lone_arm::CODE,
    consent_uncovered::CODE,
    consent_circle::CODE,
    purpose_violated::CODE,
    time_in_segment::CODE,
    segment_predicts::CODE,
    model_file::CODE,
    model_broken::CODE,
    model_unsupported::CODE,
    model_too_large::CODE,
    model_features::CODE,
    split_arms::CODE,
    unknown_word::CODE,
    event_incomplete::CODE,
    journey_circle::CODE,
    not_sendable::CODE,
    delivery_of_others::CODE,
    timeless_circle::CODE,
    trigger_not_handed_on::CODE,
    unusable_key::CODE,
    hopeless_expectation::CODE,
    time_goes_back::CODE,
    journey_too_long::CODE,
    no_messages::CODE,
    unused_tag::CODE,
    unused::CODE,
    constant_condition::CODE,
    calculated_default::CODE,
    never_eligible::CODE,
    personal_in_push::CODE,
    repeated_trigger::CODE,
    idle_via::CODE,
    misspelt_field::CODE,
    always_outranked::CODE,
    cap_never_full::CODE,
    inbound_restraint::CODE,
    outbound_placement::CODE,
    consent_rule_unreached::CODE,
    empty_share::CODE,
    unreachable_statement::CODE,
    endless_wait::CODE,
    journey_over_cap::CODE,
    stop_of_nothing::CODE,
    idle_restart::CODE,
    timeless_repeat::CODE,
];

/// The page of a code, or of a lint by its name, in Markdown; upper or lower case, as the user types it.
pub fn explain(code: &str) -> Option<&'static str> {
    let same = |name: &str| name.eq_ignore_ascii_case(code);
    let found = CODES.iter().find(|one| same(one.as_str()) || one.lint_name().is_some_and(same));
    found.map(|one| one.page())
}
