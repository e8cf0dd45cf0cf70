//! The kinds of token (language reference §3).

/// Declares [`Kind`] with its marks and words, so that each word is written once.
macro_rules! kinds {
    (
        classes { $($(#[$doc:meta])* $class:ident $name:literal)* }
        marks { $($mark:ident $m:literal)* }
        reserved { $($reserved:ident $r:literal)* }
        contextual { $($contextual:ident $c:literal)* }
    ) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs)] // Words and marks are named after themselves.
        pub enum Kind {
            $($(#[$doc])* $class,)*
            $($mark,)*
            $($reserved,)*
            $($contextual,)*
        }

        impl Kind {
            /// All keywords.
            pub(super) const KEYWORDS: &[(&str, Kind)] =
                &[$(($r, Kind::$reserved),)* $(($c, Kind::$contextual),)*];

            /// The text of a mark or keyword; what the others are called.
            pub fn text(self) -> &'static str {
                match self {
                    $(Kind::$class => $name,)*
                    $(Kind::$mark => $m,)*
                    $(Kind::$reserved => $r,)*
                    $(Kind::$contextual => $c,)*
                }
            }

            /// Whether it is a reserved word, which names nothing.
            pub fn is_reserved(self) -> bool {
                matches!(self, $(Kind::$reserved)|*)
            }

            /// Whether it is a keyword in some places and a name in others.
            pub fn is_contextual(self) -> bool {
                matches!(self, $(Kind::$contextual)|*)
            }

            /// Whether it is a mark such as `,` or `==`.
            pub fn is_mark(self) -> bool {
                matches!(self, $(Kind::$mark)|*)
            }
        }
    };
}

impl Kind {
    /// The kind of a word that is a keyword somewhere.
    pub fn keyword(word: &str) -> Option<Kind> {
        super::words::keyword(word)
    }

    /// Whether it is the unit of a duration, as a word.
    pub(crate) fn is_duration_word(self) -> bool {
        use Kind::*;
        matches!(self, Second | Seconds | Minute | Minutes | Hour | Hours | Day | Days | Week | Weeks)
    }
}

kinds! {
    classes {
        /// The end of the text.
        End "the end of the file"
        /// What has been reported as an error already.
        Error "an error"
        /// A word that is no keyword.
        Name "a name"
        /// A word with a capital: an enum or a currency.
        TypeName "a capitalised name"
        /// `3`
        Int "a whole number"
        /// `0.25`
        Number "a number"
        /// `15%`
        Percent "a percentage"
        /// `90s`
        Duration "a duration"
        /// `21:00`
        Time "a time"
        /// `2026-11-27`
        Date "a date"
        /// `2026-11-27T10:00:00Z`
        Instant "an instant"
        /// `"…"`
        Text "a text"
    }
    marks {
        OpenBrace "{" CloseBrace "}" OpenParen "(" CloseParen ")" OpenBracket "[" CloseBracket "]"
        Comma "," Colon ":" Dot "." Dots ".." Question "?" Assign "=" Arrow "=>"
        Equal "==" NotEqual "!=" Less "<" LessEqual "<=" Greater ">" GreaterEqual ">="
        Plus "+" Minus "-" Star "*" Slash "/"
    }
    reserved {
        And "and" Or "or" Not "not" In "in" Is "is" Known "known" Unknown "unknown" Otherwise "otherwise"
        If "if" Then "then" Else "else" Match "match" True "true" False "false" Any "any" No "no"
        First "first" Last "last" Distinct "distinct" Contains "contains" Overlaps "overlaps"
        Starts "starts" Ends "ends" Matches "matches" Within "within" Where "where" Now "now"
        Local "local" Profile "profile" Trigger "trigger" Underscore "_"
        Second "second" Seconds "seconds" Minute "minute" Minutes "minutes" Hour "hour" Hours "hours"
        Day "day" Days "days" Week "week" Weeks "weeks"
    }
    contextual {
        Active "active" After "after" All "all" Always "always" Arbitrate "arbitrate" Arm "arm" Arms "arms"
        At "at" Average "average" Because "because" Blocked "blocked" Cap "cap" Caps "caps" Channel "channel"
        Class "class" Confirmed "confirmed" Consent "consent" Content "content" Cost "cost" Count "count"
        Decide "decide" Device "device" DoubleOptIn "double_opt_in" Emit "emit" Enter "enter" Enum "enum"
        Event "event" Every "every" Exit "exit" Expect "expect" Experiment "experiment" Expires "expires"
        Feature "feature" Finished "finished" For "for" Format "format" Friday "friday" From "from" Goal "goal"
        Has "has" Holdout "holdout" Ignores "ignores" Inbound "inbound" Invariant "invariant"
        Journey "journey" Journeys "journeys" Key "key" Leave "leave" Let "let" Lever "lever" Max "max"
        Message "message" Min "min" Model "model" Monday "monday" Money "money" Month "month" Most "most"
        Never "never" Of "of" On "on" Only "only" OptIn "opt_in" OptOut "opt_out" Ordered "ordered"
        Owner "owner" Per "per" Personal "personal" Pick "pick" Placement "placement"
        Propensity "propensity" Purpose "purpose" Quarter "quarter" Quiet "quiet" Rank "rank"
        Reenter "reenter" Repeat "repeat" Requires "requires" Restart "restart" Salt "salt"
        Saturday "saturday" Score "score" Segment "segment" Send "send" Sent "sent" Set "set" Show "show"
        Shown "shown" Since "since" Split "split" Spread "spread" Stop "stop" Stopped "stopped"
        Subject "subject" Sum "sum" Sunday "sunday" Suppress "suppress" Suppression "suppression"
        Table "table" Tag "tag" Tagged "tagged" Tags "tags" Test "test" This "this" Thursday "thursday"
        Time_ "time" Times "times" To "to" Today "today" Together "together" Touches "touches"
        Tuesday "tuesday" Unless "unless" Until "until" Up "up" Value "value" Via "via" Wait "wait"
        Wednesday "wednesday" When "when" With "with" Withdraw "withdraw" Year "year" Years "years"
    }
}

impl Kind {
    /// Whether this is a word that begins a declaration.
    pub fn begins_declaration(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Enum | Profile
                | Event
                | Segment
                | Let
                | Table
                | Channel
                | Placement
                | Class
                | Purpose
                | Every
                | Message
                | Cap
                | Suppress
                | Arbitrate
                | Holdout
                | Experiment
                | Model
                | Journey
                | Stop
                | Test
                | Invariant
        )
    }

    /// Whether it is a word that may name something in lower case.
    pub fn is_name(self) -> bool {
        self == Kind::Name || self.is_contextual()
    }

    /// Whether it is a word, reserved ones and capitalised ones included.
    pub fn is_word(self) -> bool {
        self.is_name() || self.is_reserved() || self == Kind::TypeName
    }

    /// Whether it is a lower-case word, as after `.`.
    pub fn is_field(self) -> bool {
        self.is_name() || self.is_reserved()
    }

    /// Whether it opens a group.
    pub fn opens(self) -> bool {
        matches!(self, Kind::OpenBrace | Kind::OpenParen | Kind::OpenBracket)
    }

    /// Whether it closes a group.
    pub fn closes(self) -> bool {
        matches!(self, Kind::CloseBrace | Kind::CloseParen | Kind::CloseBracket)
    }

    /// The mark that closes what this one opens.
    pub fn partner(self) -> Kind {
        match self {
            Kind::OpenBrace => Kind::CloseBrace,
            Kind::OpenParen => Kind::CloseParen,
            _ => Kind::CloseBracket,
        }
    }

    /// Whether it is a day of the week.
    pub fn is_weekday(self) -> bool {
        use Kind::*;
        matches!(self, Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday)
    }
}
