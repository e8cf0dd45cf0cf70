//! What the layout needs to know about each token, read off the syntax tree.

use crate::token::{Kind, Token};
use crate::tree::*;
use crate::{Parsed, Span};

/// What begins at a token and, in a body of several lines, has a line of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Declaration,
    Attribute,
    Property,
    Rule,
    Row,
    Statement,
    /// Items with commas between them.
    Listed,
}

/// Marks on tokens, by their index.
pub(super) struct Marks<'p> {
    tokens: &'p [Token],
    pub items: Vec<Option<Item>>,
    /// A new column of an aligned line begins.
    pub columns: Vec<bool>,
    /// A `(` that belongs to the name before it, or a `-` that belongs to what follows.
    pub tight: Vec<bool>,
    /// A `then` or `else` of a wait, which has its own line where the wait takes several.
    pub branches: Vec<bool>,
}

/// Reads the marks off a file without errors.
pub(super) fn marks(parsed: &Parsed) -> Marks<'_> {
    let count = parsed.tokens.len();
    let mut marks = Marks {
        tokens: &parsed.tokens,
        items: vec![None; count],
        columns: vec![false; count],
        tight: vec![false; count],
        branches: vec![false; count],
    };
    for declaration in &parsed.file.declarations {
        marks.item(declaration.span, Item::Declaration);
        marks.declaration(declaration);
    }
    marks
}

impl Marks<'_> {
    /// The token that begins at or after a place.
    fn index(&self, at: u32) -> usize {
        self.tokens.partition_point(|token| token.span.start < at).min(self.tokens.len() - 1)
    }

    fn item(&mut self, span: Span, item: Item) {
        let index = self.index(span.start);
        self.items[index] = Some(item);
    }

    fn column(&mut self, at: u32) {
        let index = self.index(at);
        self.columns[index] = true;
    }

    /// A column begins behind a span, if something of the item is left there.
    fn column_after(&mut self, span: Span, item: Span) {
        let index = self.index(span.end);
        if self.tokens[index].span.start < item.end {
            self.columns[index] = true;
        }
    }

    fn tight_after(&mut self, span: Span) {
        let index = self.index(span.end);
        self.tight[index] = self.tokens[index].kind == Kind::OpenParen;
    }

    fn property(&mut self, keyword: Span, span: Span) {
        self.item(span, Item::Property);
        self.column_after(keyword, span);
    }

    fn expressions<'e>(&mut self, all: impl IntoIterator<Item = &'e Expr>) {
        for expr in all {
            self.expression(expr);
        }
    }

    fn expression(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::List(items) => self.expressions(items),
            ExprKind::Field { base, .. } => self.expression(base),
            ExprKind::Call { callee, arguments } => {
                self.tight_after(callee.span());
                self.expressions(arguments);
            }
            ExprKind::Paren(inner) => self.expression(inner),
            ExprKind::Unary { operator, operand } => {
                if *operator == UnaryOperator::Negate {
                    let index = self.index(expr.span.start);
                    self.tight[index] = true;
                }
                self.expression(operand);
            }
            ExprKind::Binary { left, right, .. } => self.expressions([&**left, right]),
            ExprKind::Is { subject, .. } => self.expression(subject),
            ExprKind::In { subject, set, .. } => {
                self.expression(subject);
                match set {
                    InSet::List { items, .. } => self.expressions(items),
                    InSet::Range(range) => self.range(range),
                    InSet::Error(_) => {}
                }
            }
            ExprKind::If { condition, then, otherwise } => self.expressions([&**condition, then, otherwise]),
            ExprKind::Match { subject, arms } => {
                self.expression(subject);
                for arm in arms {
                    self.item(arm.span, Item::Listed);
                    self.column_after(arm.pattern.span, arm.span);
                    self.cell(&arm.pattern);
                    self.expression(&arm.value);
                }
            }
            ExprKind::Aggregate(aggregate) => self.pattern(&aggregate.pattern),
            ExprKind::Since { of, .. } => self.expression(of),
            ExprKind::Error | ExprKind::Name(_) | ExprKind::Root(_) | ExprKind::Now => {}
        }
    }

    fn literal(&mut self, literal: &Literal) {
        let index = self.index(literal.span.start);
        self.tight[index] |= self.tokens[index].kind == Kind::Minus;
    }

    fn range(&mut self, range: &Range) {
        self.literal(&range.start);
        self.literal(&range.end);
    }

    fn cell(&mut self, cell: &Cell) {
        match &cell.kind {
            CellKind::Literal(literal) => self.literal(literal),
            CellKind::Range(range) => self.range(range),
            _ => {}
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        if let (Some(event), Some(_)) = (&pattern.event, &pattern.message) {
            self.tight_after(event.span());
        }
        if let Some(filter) = &pattern.filter {
            self.expression(filter);
        }
    }

    fn occurrence(&mut self, occurrence: &Occurrence) {
        if let OccurrenceKind::Event(pattern) = &occurrence.kind {
            self.pattern(pattern);
        }
    }

    fn parameters(&mut self, name: &Name, parameters: &[Parameter]) {
        if !parameters.is_empty() {
            self.tight_after(name.span);
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.item(attribute.span, Item::Attribute);
        self.column(attribute.ty.span.start);
        self.column_after(attribute.ty.span, attribute.span);
        if let Some(default) = &attribute.default {
            self.literal(default);
        }
    }

    fn declaration(&mut self, declaration: &Declaration) {
        let span = declaration.span;
        match &declaration.kind {
            DeclarationKind::Error => {}
            DeclarationKind::Enum(one) => {
                one.members.iter().for_each(|member| self.item(member.span, Item::Listed));
            }
            DeclarationKind::Profile(one) => one.attributes.iter().for_each(|one| self.attribute(one)),
            DeclarationKind::EveryMessage(one) => one.attributes.iter().for_each(|one| self.attribute(one)),
            DeclarationKind::Event(one) => {
                if one.only_for.is_empty() {
                    self.column_after(one.name.span, span);
                }
                for field in &one.fields {
                    self.item(field.span, Item::Listed);
                    self.column(field.ty.span.start);
                    self.column_after(field.ty.span, field.span);
                }
            }
            DeclarationKind::Segment(one) => self.expression(&one.condition),
            DeclarationKind::Let(one) => {
                self.parameters(&one.name, &one.parameters);
                self.expression(&one.value);
            }
            DeclarationKind::Table(one) => self.table(one),
            DeclarationKind::Channel(one) => {
                self.column_after(one.name.span, span);
                for property in &one.properties {
                    self.property(property.keyword, property.span);
                    if let ChannelPropertyKind::Quiet(quiet) = &property.kind {
                        self.expressions(&quiet.condition);
                    }
                }
            }
            DeclarationKind::Placement(one) => {
                self.column_after(one.name.span, span);
                one.properties.iter().for_each(|property| self.property(property.keyword, property.span));
            }
            DeclarationKind::Class(one) => self.column_after(one.name.span, span),
            DeclarationKind::Purpose(one) => {
                self.column_after(one.name.span, span);
                for rule in &one.rules {
                    self.item(rule.span, Item::Rule);
                    self.column_after(rule.mode_span, rule.span);
                    if let (Some(condition), Some(channel)) = (&rule.condition, rule.channels.last()) {
                        self.column_after(channel.span(), rule.span);
                        self.expression(condition);
                    }
                }
            }
            DeclarationKind::Message(one) => self.message(one),
            DeclarationKind::Cap(one) => {
                self.column_after(one.name.span, span);
                let before = self.index(one.selector.span.start).saturating_sub(1);
                self.columns[before] = true;
            }
            DeclarationKind::Suppress(one) => self.expression(&one.condition),
            DeclarationKind::Arbitrate(one) => {
                for property in &one.properties {
                    self.property(property.keyword, property.span);
                    if let ArbitratePropertyKind::Score(score) = &property.kind {
                        self.expression(score);
                    }
                }
            }
            DeclarationKind::Holdout(_) => {}
            DeclarationKind::Experiment(one) => {
                for property in &one.properties {
                    self.property(property.keyword, property.span);
                    if let ExperimentPropertyKind::Goal { occurrence, .. } = &property.kind {
                        self.occurrence(occurrence);
                    }
                }
            }
            DeclarationKind::Model(one) => {
                for property in &one.properties {
                    self.property(property.keyword, property.span);
                    if let ModelPropertyKind::Feature { name, value } = &property.kind {
                        self.column_after(name.span, property.span);
                        self.expression(value);
                    }
                }
            }
            DeclarationKind::Journey(one) => self.journey(one),
            DeclarationKind::Stop(one) => self.occurrence(&one.on),
            DeclarationKind::Test(one) => self.test(one),
            DeclarationKind::Invariant(one) => self.expression(&one.condition),
        }
    }

    fn table(&mut self, table: &Table) {
        self.parameters(&table.name, &table.parameters);
        for row in &table.rows {
            self.item(row.span, Item::Row);
            for cell in &row.cells {
                self.cell(cell);
                if cell.span.start > row.span.start {
                    self.column(cell.span.start);
                }
            }
            if let Some(last) = row.cells.last() {
                self.column_after(last.span, row.span);
            }
            self.expression(&row.result);
        }
    }

    fn message(&mut self, message: &Message) {
        use MessagePropertyKind as P;
        for property in &message.properties {
            match &property.kind {
                P::Content(_) => self.item(property.span, Item::Property),
                _ => self.property(property.keyword, property.span),
            }
            match &property.kind {
                P::Attribute { value: expr, .. }
                | P::When(expr)
                | P::Unless(expr)
                | P::Value(expr)
                | P::Propensity(expr)
                | P::Lever(expr) => self.expression(expr),
                P::On(on) => self.occurrence(on),
                P::Content(content) => {
                    for field in &content.fields {
                        self.property(field.name.span, field.span);
                    }
                }
                _ => {}
            }
        }
    }

    fn journey(&mut self, journey: &Journey) {
        use JourneyPropertyKind as P;
        for property in &journey.properties {
            self.item(property.span, Item::Property);
            let words = if matches!(property.kind, P::StopOn(_) | P::StopWhen(_)) { 2 } else { 1 };
            let index = self.index(property.span.start) + words;
            self.columns[index] = true;
            match &property.kind {
                P::On(on) | P::StopOn(on) | P::Goal { occurrence: on, .. } => self.occurrence(on),
                P::Key(expr) | P::When(expr) | P::StopWhen(expr) => self.expression(expr),
                _ => {}
            }
        }
        self.statements(&journey.body);
    }

    fn statements(&mut self, all: &[Statement]) {
        for statement in all {
            self.item(statement.span, Item::Statement);
            let (start, end) = (self.index(statement.span.start), self.index(statement.span.end));
            match &statement.kind {
                StatementKind::Together(_) => self.at_depth(start, end, 1, |marks, index| {
                    if marks.tokens[index].kind == Kind::OpenBrace {
                        marks.items[index] = Some(Item::Statement);
                    }
                }),
                StatementKind::WaitFor { .. } => self.at_depth(start, end, 0, |marks, index| {
                    marks.branches[index] = matches!(marks.tokens[index].kind, Kind::Then | Kind::Else);
                }),
                _ => {}
            }
            self.statement(&statement.kind);
        }
    }

    /// Visits the tokens of a range that stand so deep in its brackets.
    fn at_depth(&mut self, start: usize, end: usize, wanted: usize, visit: fn(&mut Self, usize)) {
        let mut depth = 0usize;
        for index in start..end {
            let kind = self.tokens[index].kind;
            depth = depth.saturating_sub(usize::from(kind.closes()));
            if depth == wanted {
                visit(self, index);
            }
            depth += usize::from(kind.opens());
        }
    }

    fn block(&mut self, block: &Option<Vec<Statement>>) {
        self.statements(block.as_deref().unwrap_or_default());
    }

    fn statement(&mut self, statement: &StatementKind) {
        match statement {
            StatementKind::Wait { restart: Some(restart), .. } => self.occurrence(&restart.on),
            StatementKind::WaitFor { occurrences, then, otherwise, .. } => {
                occurrences.iter().for_each(|one| self.occurrence(one));
                self.block(then);
                self.block(otherwise);
            }
            StatementKind::Send(send) => self.block(&send.otherwise),
            StatementKind::If { condition, then, otherwise } => {
                self.expression(condition);
                self.statements(then);
                match otherwise.as_deref() {
                    // `else if` stays on its line.
                    Some([only]) if self.is_chained(only) => self.statement(&only.kind),
                    _ => self.block(otherwise),
                }
            }
            StatementKind::Split { arms, .. } => {
                for (arm, body) in arms {
                    self.item(arm.span, Item::Statement);
                    self.statements(body);
                }
            }
            StatementKind::Repeat { body, .. } => self.statements(body),
            StatementKind::Together(branches) => {
                for branch in branches {
                    self.statements(branch);
                }
            }
            StatementKind::Set { value, .. } => self.expression(value),
            StatementKind::Emit { fields, .. } => {
                for (name, value) in fields {
                    self.item(name.span, Item::Listed);
                    self.expression(value);
                }
            }
            _ => {}
        }
    }

    fn is_chained(&self, statement: &Statement) -> bool {
        let index = self.index(statement.span.start);
        index > 0 && self.tokens[index - 1].kind == Kind::Else
    }

    fn test(&mut self, test: &Test) {
        for statement in &test.statements {
            self.item(statement.span, Item::Statement);
            match &statement.kind {
                TestStatementKind::Profile(fields) => self.given(fields),
                TestStatementKind::Event { event, message, fields } => {
                    if message.is_some() {
                        self.tight_after(event.span());
                    }
                    self.given(fields.as_deref().unwrap_or_default());
                }
                TestStatementKind::Expect(Expectation::Profile { value, .. }) => self.expression(value),
                _ => {}
            }
        }
    }

    fn given(&mut self, fields: &[FieldValue]) {
        for field in fields {
            self.item(field.name.span, Item::Listed);
            self.expression(&field.value);
        }
    }
}
