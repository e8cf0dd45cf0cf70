//! Where an expression stands while it is lowered, and what of that its lowering made use of.

use super::origins::Declaration;
use crate::ids::*;
use std::ops::BitOrAssign;

/// What the roots of an expression mean where it stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The declaration in whose text it stands.
    pub(super) owner: &'s Declaration,
    /// The message in question.
    pub(super) message: Option<MessageId>,
    /// The channel in question.
    pub(super) channel: Option<ChannelId>,
    /// The event that a `where` looks at.
    pub(super) event: Option<EventId>,
    /// What a parameter stands for.
    pub(super) arguments: &'s [ExprId],
    /// What a score is made of.
    pub(super) score: Option<Score>,
}

impl<'s> Scope<'s> {
    /// Of a declaration for no message and no channel.
    pub(super) fn of(owner: &'s Declaration) -> Scope<'s> {
        Scope { owner, message: None, channel: None, event: None, arguments: &[], score: None }
    }

    /// Inside a let or a table that is used here.
    pub(super) fn inside<'t>(&self, owner: &'t Declaration, arguments: &'t [ExprId]) -> Scope<'t> {
        Scope { message: self.message, channel: self.channel, arguments, ..Scope::of(owner) }
    }
}

/// The roots of a score, as numbers.
#[derive(Clone, Copy)]
pub(super) struct Score {
    pub(super) propensity: ExprId,
    pub(super) value: ExprId,
    pub(super) lever: ExprId,
}

/// What a lowered expression depends on: where neither is used, it is the same for all messages and channels.
#[derive(Clone, Copy, Default)]
pub(super) struct Uses {
    pub(super) message: bool,
    pub(super) channel: bool,
}

impl Uses {
    /// What distinguishes results.
    pub(super) fn key(self, scope: &Scope<'_>) -> (Option<MessageId>, Option<ChannelId>) {
        (scope.message.filter(|_| self.message), scope.channel.filter(|_| self.channel))
    }
}

impl BitOrAssign for Uses {
    fn bitor_assign(&mut self, other: Uses) {
        self.message |= other.message;
        self.channel |= other.channel;
    }
}

/// Things that are lowered once for all uses that are alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Shared {
    Let(LetId),
    Table(TableId),
    Segment(SegmentId),
    Suppress(SuppressId),
}
