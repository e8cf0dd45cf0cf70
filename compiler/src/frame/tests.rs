use super::*;
use crate::engine::random::{self, Tape};
use crate::types::Element;

/// Of the random plan: slots for a text and for a set of texts, both known and optional.
const TEXT: SlotId = SlotId(16);
const SET: SlotId = SlotId(24);

fn frame() -> (Plan, Frame) {
    let plan = random::plan(&mut Tape::new(&[]), 0);
    assert_eq!((plan.slots[16].ty, plan.slots[24].ty), (Type::Text, Type::Set(Element::Text)));
    let frame = Frame::new(&plan);
    (plan, frame)
}

#[test]
fn what_is_not_filled_is_unknown() {
    let (_, mut frame) = frame();
    assert!(!frame.is_filled(TEXT));
    assert_eq!(frame.get(TEXT), Answer::UNKNOWN);
    frame.set(TEXT, None);
    assert!(frame.is_filled(TEXT));
    assert_eq!(frame.get(TEXT), Answer::UNKNOWN);
    frame.set_cell(TEXT, 3);
    assert_eq!(frame.get(TEXT), Answer::known(3));
    frame.unset(TEXT);
    assert!(!frame.is_filled(TEXT));
    assert_eq!(frame.get(TEXT), Answer::UNKNOWN);
    frame.set_cell(TEXT, 4);
    frame.clear();
    assert!(!frame.is_filled(TEXT));
    assert_eq!(frame.get(TEXT), Answer::UNKNOWN);
}

#[test]
fn slots_that_do_not_exist_are_ignored() {
    let (plan, mut frame) = frame();
    let outside = SlotId::at(plan.slots.len());
    frame.set_cell(outside, 1);
    frame.unset(outside);
    assert!(!frame.is_filled(outside));
    assert_eq!(frame.get(outside), Answer::UNKNOWN);
}

#[test]
fn values_come_out_as_they_went_in() {
    let (plan, mut frame) = frame();
    let named = Value::Cell(1);
    let other = Value::Text("ada".into());
    let set = Value::Set([Value::Cell(2), Value::Text("x".into())].into());
    for (slot, ty, value, text) in [
        (TEXT, Type::Text, &named, "de"),
        (TEXT, Type::Text, &other, "ada"),
        (SET, Type::Set(Element::Text), &set, ""),
        (SET, Type::Set(Element::Text), &Value::Set([].into()), ""),
    ] {
        frame.set(slot, Some(value));
        let cell = frame.get(slot).get().unwrap();
        assert_eq!(frame.value(&plan, ty, cell), *value);
        if slot == TEXT {
            assert_eq!(frame.text(&plan, cell), text);
        }
    }
    let cell = frame.get(SET).get().unwrap();
    assert_eq!((cell, frame.members(cell)), (0, &[][..]));
}

#[test]
fn cells_that_mean_nothing_are_empty() {
    let (plan, frame) = frame();
    for cell in [plan.texts.len() as u64, FIRST_UNNAMED - 1, FIRST_UNNAMED, u64::MAX, u64::MAX - 1] {
        assert_eq!(frame.text(&plan, cell), "");
        assert_eq!(frame.members(cell), &[]);
    }
}

#[test]
fn a_frame_that_is_rewound_stays_small() {
    let (plan, mut frame) = frame();
    frame.set(TEXT, Some(&Value::Text("kept".into())));
    let kept = frame.get(TEXT).cell;
    let mark = frame.mark();
    let mut last = None;
    for index in 0..100 {
        frame.set(SET, Some(&Value::Set([Value::Cell(index)].into())));
        let made = frame.pool.make("made");
        assert_eq!(frame.text(&plan, made), "made");
        let cells = (made, frame.get(SET).cell);
        assert_eq!(*last.get_or_insert(cells), cells);
        frame.rewind(mark);
    }
    assert_eq!(frame.text(&plan, kept), "kept");
    assert!(frame.pool.made.is_empty());
}
