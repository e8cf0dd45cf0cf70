//! Numbers for the things that a policy declares: positions in the tables of the checked policy and of the plan,
//! which agree. Named things are ordered by name, so that the order of files and declarations has no meaning.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its table.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of the thing at a position.
            #[inline]
            pub fn at(index: usize) -> Self {
                $name(index as u32)
            }
        }
    )*};
}

ids! {
    /// An enum.
    EnumId,
    /// An attribute of the profile.
    AttributeId,
    /// An event type; the built-in ones come first, in the order of [`crate::builtin::BUILTIN_EVENTS`].
    EventId,
    /// A segment.
    SegmentId,
    /// A let.
    LetId,
    /// A decision table.
    TableId,
    /// A channel.
    ChannelId,
    /// A placement.
    PlacementId,
    /// A message class.
    ClassId,
    /// A purpose.
    PurposeId,
    /// A tag.
    TagId,
    /// A message.
    MessageId,
    /// A cap.
    CapId,
    /// A suppress rule, in the order of its file and place.
    SuppressId,
    /// A holdout.
    HoldoutId,
    /// An experiment.
    ExperimentId,
    /// A model.
    ModelId,
    /// A journey.
    JourneyId,
    /// A policy file, in the order of its path.
    FileId,
    /// An expression in the plan.
    ExprId,
    /// A slot of the frame.
    SlotId,
    /// A distinct condition of the plan.
    AtomId,
    /// A question to the history.
    WindowId,
    /// A kept part of the history.
    StreamId,
    /// A regular expression of the plan.
    RegexId,
    /// A text that the policy names.
    TextId,
}
