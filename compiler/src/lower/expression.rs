//! Checked expressions to nodes of the plan: names become slots and constants, lets and tables what they stand
//! for.

use super::Lowerer;
use super::origins::Written;
use super::scope::Scope;
use crate::checked::{Arithmetic, Cell, Expr, ExprKind, Range};
use crate::ids::*;
use crate::plan::{ChannelKind, Comparison, Op, Source};
use crate::types::Type;
use crate::units::DAY;
use comity_grammar::tree::Fold;

impl Lowerer<'_> {
    /// An expression where it stands.
    pub(super) fn expr(&mut self, expr: &Expr, scope: &Scope<'_>) -> ExprId {
        match &expr.kind {
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Arithmetic(..) => self.chain(expr, scope),
            ExprKind::Otherwise(..) => self.defaults(expr, scope),
            _ => {
                let lowered = self.single(expr, scope);
                self.noted(lowered, expr)
            }
        }
    }

    /// Remembers where a condition was written.
    fn noted(&mut self, lowered: ExprId, expr: &Expr) -> ExprId {
        if expr.ty == Type::Bool && self.b.as_constant(lowered).is_none() {
            self.notes.conditions.add(lowered, expr.at);
            self.notes.forms.push((expr.at, written(&expr.kind)));
            self.note_parts(lowered, expr);
        }
        if matches!(self.b.node(lowered).op, Op::Slot(_)) {
            self.notes.slots.add(lowered, expr.at);
        }
        lowered
    }

    /// What one condition of the text becomes several of was written where it was.
    fn note_parts(&mut self, lowered: ExprId, expr: &Expr) {
        match expr.kind {
            // `x is unknown` asks for the opposite of `is known`, `no …` of `any …`.
            ExprKind::IsUnknown(..) | ExprKind::Aggregate(..) => {
                if let Op::Not(a) = self.b.node(lowered).op {
                    self.notes.conditions.add(a, expr.at);
                }
                return;
            }
            ExprKind::InList(..)
            | ExprKind::InRange(..)
            | ExprKind::If(..)
            | ExprKind::Match(..)
            | ExprKind::Table(..)
            | ExprKind::Consent(..)
            | ExprKind::Reachable(..) => {}
            _ => return,
        }
        let mut pending = vec![lowered];
        while let Some(id) = pending.pop() {
            match self.b.node(id).op {
                Op::Not(a) => pending.push(a),
                Op::And(a, b) | Op::Or(a, b) => pending.extend([a, b]),
                _ => {
                    if !self.notes.conditions.has(id) {
                        self.notes.conditions.add(id, expr.at);
                    }
                }
            }
        }
    }

    /// Operators that group to the left, without recursion on their left sides: chains may be long.
    fn chain(&mut self, expr: &Expr, scope: &Scope<'_>) -> ExprId {
        let mut pending = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::And(left, right)
        | ExprKind::Or(left, right)
        | ExprKind::Arithmetic(_, left, right) = &leftmost.kind
        {
            pending.push((leftmost, right));
            leftmost = left;
        }
        let mut lowered = self.expr(leftmost, scope);
        while let Some((whole, right)) = pending.pop() {
            let right = self.expr(right, scope);
            lowered = match whole.kind {
                ExprKind::And(..) => self.b.and(lowered, right),
                ExprKind::Or(..) => self.b.or(lowered, right),
                ExprKind::Arithmetic(operation, ..) => self.arithmetic(operation, lowered, right, whole.ty),
                _ => lowered,
            };
            lowered = self.noted(lowered, whole);
        }
        lowered
    }

    /// `otherwise`, which groups to the right.
    fn defaults(&mut self, expr: &Expr, scope: &Scope<'_>) -> ExprId {
        let mut pending = Vec::new();
        let mut last = expr;
        while let ExprKind::Otherwise(left, right) = &last.kind {
            pending.push((last, left));
            last = right;
        }
        let mut lowered = self.expr(last, scope);
        while let Some((whole, left)) = pending.pop() {
            let optional = self.expr(left, scope);
            let optional = self.as_type(optional, whole.ty, left.optional);
            let default = self.as_type(lowered, whole.ty, last.optional);
            let otherwise = self.b.otherwise(optional, default);
            lowered = self.noted(otherwise, whole);
        }
        lowered
    }

    fn single(&mut self, expr: &Expr, scope: &Scope<'_>) -> ExprId {
        match &expr.kind {
            ExprKind::Constant(constant) => {
                let cell = self.cell(constant, expr.ty);
                self.b.constant(cell, expr.ty)
            }
            ExprKind::Attribute(_)
            | ExprKind::EventField(_)
            | ExprKind::TriggerField(_)
            | ExprKind::MessageAttribute(_)
            | ExprKind::MessageName
            | ExprKind::MessageClass
            | ExprKind::Channel
            | ExprKind::Field(_)
            | ExprKind::Parameter(_)
            | ExprKind::Propensity
            | ExprKind::Value
            | ExprKind::Lever
            | ExprKind::Now
            | ExprKind::Local(_)
            | ExprKind::Bucket(_)
            | ExprKind::Predict(_)
            | ExprKind::Arm(_)
            | ExprKind::InJourney(_) => self.root(expr, scope),

            ExprKind::Let(id, arguments) => self.inline_let(*id, arguments, expr, scope),
            ExprKind::Table(id, arguments) => self.inline_table(*id, arguments, expr, scope),
            ExprKind::Segment(id) => self.inline_segment(*id, scope),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, expr, scope),

            ExprKind::ToNumber(a) => {
                let lowered = self.expr(a, scope);
                self.as_type(lowered, Type::Number, a.optional)
            }
            ExprKind::Not(a) => {
                let a = self.expr(a, scope);
                self.b.not(a)
            }
            ExprKind::IsKnown(a) => {
                let a = self.expr(a, scope);
                self.b.known(a)
            }
            ExprKind::IsUnknown(a) => {
                let a = self.expr(a, scope);
                let known = self.b.known(a);
                self.b.not(known)
            }
            ExprKind::If(condition, yes, no) => {
                let condition = self.expr(condition, scope);
                let then = self.expr(yes, scope);
                let otherwise = self.expr(no, scope);
                let then = self.as_type(then, expr.ty, yes.optional);
                let otherwise = self.as_type(otherwise, expr.ty, no.optional);
                self.b.choose(condition, then, otherwise, !expr.optional)
            }
            ExprKind::Match(subject, arms) => {
                let subject = self.expr(subject, scope);
                let mut rows = Vec::with_capacity(arms.len());
                for (cell, result) in arms {
                    let condition = self.asks(cell, subject);
                    let lowered = self.expr(result, scope);
                    rows.push((condition, self.as_type(lowered, expr.ty, result.optional)));
                }
                self.first_of(rows, expr.ty, expr.optional)
            }
            ExprKind::Compare(comparison, a, b) => {
                let (mut a, mut b) = (self.expr(a, scope), self.expr(b, scope));
                if self.b.node(a).ty.is_float() || self.b.node(b).ty.is_float() {
                    (a, b) = (self.b.as_number(a), self.b.as_number(b));
                }
                self.b.compare(*comparison, a, b)
            }
            ExprKind::InList(a, members) => {
                let ty = a.ty;
                let a = self.expr(a, scope);
                let cells = members.iter().map(|member| self.cell(member, ty)).collect();
                self.b.is_in(a, cells)
            }
            ExprKind::InRange(a, range) => {
                let a = self.expr(a, scope);
                self.in_range(a, range)
            }
            _ => self.call(expr, scope),
        }
    }

    /// Functions and operations that are the same here and there.
    fn call(&mut self, expr: &Expr, scope: &Scope<'_>) -> ExprId {
        match &expr.kind {
            ExprKind::Contains(a, b) => match a.ty {
                Type::Set(_) => self.binary(Op::SetContains, a, b, scope),
                _ => self.binary(Op::TextContains, a, b, scope),
            },
            ExprKind::ContainsAll(a, b) => self.binary(Op::SetContainsAll, a, b, scope),
            ExprKind::Overlaps(a, b) => self.binary(Op::SetOverlaps, a, b, scope),
            ExprKind::StartsWith(a, b) => self.binary(Op::StartsWith, a, b, scope),
            ExprKind::EndsWith(a, b) => self.binary(Op::EndsWith, a, b, scope),
            ExprKind::Matches(a, regex) => {
                let a = self.expr(a, scope);
                let regex = RegexId::at(self.b.regexes.intern(regex.clone()));
                self.b.push(Op::Matches(a, regex), Type::Bool, false)
            }
            ExprKind::YearsSince(date) => {
                let date = self.expr(date, scope);
                let today = self.b.slot(Source::LocalDate, Type::Date, false);
                self.b.operation(Op::YearsBetween(date, today), Type::Int)
            }
            ExprKind::DaysSince(date) => {
                let date = self.expr(date, scope);
                let today = self.b.slot(Source::LocalDate, Type::Date, false);
                self.b.operation(Op::Subtract(today, date), Type::Int)
            }

            ExprKind::Negate(a) => self.unary(Op::Negate, a, expr.ty, scope),
            ExprKind::Abs(a) => self.unary(Op::Abs, a, expr.ty, scope),
            ExprKind::Round(a) => self.rounded(Op::Round, a, scope),
            ExprKind::Floor(a) => self.rounded(Op::Floor, a, scope),
            ExprKind::Ceil(a) => self.rounded(Op::Ceil, a, scope),
            ExprKind::Lower(a) => self.unary(Op::Lower, a, expr.ty, scope),
            ExprKind::Upper(a) => self.unary(Op::Upper, a, expr.ty, scope),
            ExprKind::Length(a) => match a.ty {
                Type::Set(_) => self.unary(Op::SetLength, a, Type::Int, scope),
                _ => self.unary(Op::Length, a, Type::Int, scope),
            },
            ExprKind::Min(all) => self.extreme(Op::Min, all, expr.ty, scope),
            ExprKind::Max(all) => self.extreme(Op::Max, all, expr.ty, scope),
            ExprKind::Clamp(a, low, high) => {
                let [a, low, high] = [a, low, high].map(|each| {
                    let lowered = self.expr(each, scope);
                    self.as_type(lowered, expr.ty, each.optional)
                });
                let raised = self.b.operation(Op::Max(a, low), expr.ty);
                self.b.operation(Op::Min(raised, high), expr.ty)
            }

            ExprKind::Consent(purpose, channel) => {
                let channel = self.expr(channel, scope);
                self.by_channel(channel, |lowerer, channel| lowerer.consent(*purpose, channel))
            }
            ExprKind::Reachable(channel) => {
                let channel = self.expr(channel, scope);
                self.by_channel(channel, Self::reachable)
            }
            _ => self.missing(expr.ty),
        }
    }

    /// What stands for something that is not there: of a policy without errors, nothing.
    pub(super) fn missing(&mut self, ty: Type) -> ExprId {
        if ty == Type::Bool { self.b.bool(false) } else { self.b.unknown(ty) }
    }

    /// A value where one of this type is wanted: an int as a number, and in a score money too.
    pub(super) fn as_type(&mut self, value: ExprId, ty: Type, optional: bool) -> ExprId {
        if !ty.is_float() || self.b.node(value).ty.is_float() {
            return value;
        }
        let converted = self.b.as_major(value);
        if !optional {
            return converted;
        }
        let known = self.b.known(value);
        let unknown = self.b.unknown(ty);
        self.b.choose(known, converted, unknown, false)
    }

    fn unary(&mut self, op: fn(ExprId) -> Op, a: &Expr, ty: Type, scope: &Scope<'_>) -> ExprId {
        let a = self.expr(a, scope);
        self.b.operation(op(a), ty)
    }

    fn binary(&mut self, op: fn(ExprId, ExprId) -> Op, a: &Expr, b: &Expr, scope: &Scope<'_>) -> ExprId {
        let (a, b) = (self.expr(a, scope), self.expr(b, scope));
        self.b.push(op(a, b), Type::Bool, false)
    }

    fn rounded(&mut self, op: fn(ExprId) -> Op, a: &Expr, scope: &Scope<'_>) -> ExprId {
        let a = self.expr(a, scope);
        if self.b.node(a).ty.is_float() { self.b.operation(op(a), Type::Int) } else { a }
    }

    fn extreme(&mut self, op: fn(ExprId, ExprId) -> Op, all: &[Expr], ty: Type, scope: &Scope<'_>) -> ExprId {
        let mut extreme: Option<ExprId> = None;
        for each in all {
            let lowered = self.expr(each, scope);
            let lowered = self.as_type(lowered, ty, each.optional);
            extreme = Some(match extreme {
                Some(so_far) => self.b.operation(op(so_far, lowered), ty),
                None => lowered,
            });
        }
        extreme.unwrap_or_else(|| self.missing(ty))
    }

    /// Reference §4's table.
    fn arithmetic(&mut self, operation: Arithmetic, a: ExprId, b: ExprId, ty: Type) -> ExprId {
        let [x, y] = if ty.is_float() { [a, b].map(|each| self.b.as_major(each)) } else { [a, b] };
        let op = match operation {
            Arithmetic::Add => Op::Add(x, y),
            Arithmetic::Subtract => Op::Subtract(x, y),
            Arithmetic::Multiply if ty.is_float() || ty == Type::Int => Op::Multiply(x, y),
            Arithmetic::Multiply => {
                let (amount, factor) = if self.b.node(a).ty == ty { (a, b) } else { (b, a) };
                Op::Scale(amount, self.b.as_number(factor))
            }
            // Two values of one unit: their cells' ratio.
            Arithmetic::Divide if ty.is_float() => Op::Divide(self.b.as_number(a), self.b.as_number(b)),
            Arithmetic::Divide => Op::Unscale(a, self.b.as_number(b)),
        };
        self.b.operation(op, ty)
    }

    /// Both ends included; of times the end is not, and the range may cross midnight.
    fn in_range(&mut self, value: ExprId, range: &Range) -> ExprId {
        let ty = self.b.node(value).ty;
        let (start, end) = (self.cell(&range.start, ty), self.cell(&range.end, ty));
        let (from, to) = (self.b.constant(start, ty), self.b.constant(end, ty));
        let after = self.b.compare(Comparison::GreaterEqual, value, from);
        if ty != Type::Time {
            let before = self.b.compare(Comparison::LessEqual, value, to);
            return self.b.and(after, before);
        }
        if end as i64 >= DAY {
            return after;
        }
        let before = self.b.compare(Comparison::Less, value, to);
        if (start as i64) < end as i64 { self.b.and(after, before) } else { self.b.or(after, before) }
    }

    /// Whether a value is what a cell of a table or an arm asks for.
    pub(super) fn asks(&mut self, cell: &Cell, value: ExprId) -> ExprId {
        match cell {
            Cell::Any => self.b.bool(true),
            Cell::Is(constant) => {
                let ty = self.b.node(value).ty;
                let cell = self.cell(constant, ty);
                let constant = self.b.constant(cell, ty);
                self.b.compare(Comparison::Equal, value, constant)
            }
            Cell::In(range) => self.in_range(value, range),
        }
    }

    /// The result of the first row whose condition holds; the last is taken if no other is.
    pub(super) fn first_of(&mut self, mut rows: Vec<(ExprId, ExprId)>, ty: Type, optional: bool) -> ExprId {
        let Some((_, mut result)) = rows.pop() else { return self.missing(ty) };
        while let Some((condition, row)) = rows.pop() {
            result = self.b.choose(condition, row, result, !optional);
        }
        result
    }

    /// A condition on a channel that may be known only when it is asked.
    fn by_channel(
        &mut self,
        channel: ExprId,
        mut condition: impl FnMut(&mut Self, ChannelId) -> ExprId,
    ) -> ExprId {
        if let Some(cell) = self.b.as_constant(channel) {
            return condition(self, ChannelId(cell as u32));
        }
        let mut result = self.b.bool(false);
        for index in (0..self.checked.channels.len()).rev() {
            let id = self.b.constant(index as u64, Type::Channel);
            let same = self.b.compare(Comparison::Equal, channel, id);
            let holds = condition(self, ChannelId::at(index));
            result = self.b.choose(same, holds, result, true);
        }
        result
    }

    fn reachable(&mut self, channel: ChannelId) -> ExprId {
        match self.checked.channels.get(channel.index()).map(|channel| channel.kind) {
            Some(ChannelKind::Inbound) => self.b.bool(true),
            Some(_) => self.b.slot(Source::Reachable(channel), Type::Bool, false),
            None => self.b.bool(false),
        }
    }

    /// Whether a purpose allows a channel: where its first rule decides for everybody, that is certain.
    fn consent(&mut self, purpose: PurposeId, channel: ChannelId) -> ExprId {
        use comity_grammar::tree::ConsentMode;
        let purposes = self.checked.purposes.get(purpose.index());
        let mut rules = purposes.iter().flat_map(|purpose| &purpose.rules);
        let first = rules.find(|rule| rule.channels.contains(&channel));
        match first.map(|rule| (rule.mode, rule.when.is_some())) {
            None | Some((ConsentMode::Never, false)) => self.b.bool(false),
            Some((ConsentMode::Always, false)) => self.b.bool(true),
            Some(_) => self.b.slot(Source::Consent(purpose, channel), Type::Bool, false),
        }
    }
}

fn written(kind: &ExprKind) -> Written {
    match kind {
        ExprKind::IsUnknown(_) => Written::Opposite,
        ExprKind::Aggregate(aggregate) if aggregate.fold == Fold::No => Written::Opposite,
        ExprKind::Compare(comparison, ..) => Written::Compared(*comparison),
        ExprKind::InRange(..) => Written::Range,
        _ => Written::Plain,
    }
}
