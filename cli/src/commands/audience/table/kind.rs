//! What a column of a Parquet file holds, and which attributes it can be.

use comity_compiler::types::Type;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::schema::types::ColumnDescriptor;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    /// Without a sign: the bits of an integer.
    Unsigned,
    Float,
    Text,
    /// Days since 1970-01-01.
    Date,
    /// Of the day.
    Time(Unit),
    /// Since 1970-01-01T00:00:00Z.
    Instant(Unit),
    /// Impala's nanoseconds of a Julian day.
    OldInstant,
    /// With so many decimals.
    Decimal(u32),
}

/// What time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milli,
    Micro,
    Nano,
}

impl From<&TimeUnit> for Unit {
    fn from(unit: &TimeUnit) -> Unit {
        match unit {
            TimeUnit::MILLIS => Unit::Milli,
            TimeUnit::MICROS => Unit::Micro,
            TimeUnit::NANOS => Unit::Nano,
        }
    }
}

/// No attribute can be that.
pub(super) struct Other;

/// Whether a column has no type, and so no value in any row.
pub(super) fn is_empty(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Unknown))
}

/// What a column holds.
pub(super) fn of(column: &ColumnDescriptor) -> Result<Kind, Other> {
    use Physical as P;
    let physical = column.physical_type();
    if let Some(logical) = column.logical_type_ref() {
        return Ok(match (logical, physical) {
            (LogicalType::String | LogicalType::Enum | LogicalType::Json, P::BYTE_ARRAY) => Kind::Text,
            (LogicalType::Decimal(_), P::INT32 | P::INT64 | P::BYTE_ARRAY | P::FIXED_LEN_BYTE_ARRAY) => {
                Kind::Decimal(u32::try_from(column.type_scale()).map_err(|_| Other)?)
            }
            (LogicalType::Date, P::INT32) => Kind::Date,
            (LogicalType::Time(time), P::INT32 | P::INT64) => Kind::Time((&time.unit).into()),
            (LogicalType::Timestamp(at), P::INT64) if at.is_adjusted_to_u_t_c => {
                Kind::Instant((&at.unit).into())
            }
            (LogicalType::Integer(int), P::INT32 | P::INT64) if int.is_signed => Kind::Int,
            (LogicalType::Integer(_), P::INT32 | P::INT64) => Kind::Unsigned,
            _ => return Err(Other),
        });
    }
    Ok(match (column.converted_type(), physical) {
        (ConvertedType::DECIMAL, P::INT32 | P::INT64 | P::BYTE_ARRAY | P::FIXED_LEN_BYTE_ARRAY) => {
            Kind::Decimal(u32::try_from(column.type_scale()).map_err(|_| Other)?)
        }
        (ConvertedType::DATE, P::INT32) => Kind::Date,
        (ConvertedType::TIME_MILLIS, P::INT32) => Kind::Time(Unit::Milli),
        (ConvertedType::TIME_MICROS, P::INT64) => Kind::Time(Unit::Micro),
        (ConvertedType::TIMESTAMP_MILLIS, P::INT64) => Kind::Instant(Unit::Milli),
        (ConvertedType::TIMESTAMP_MICROS, P::INT64) => Kind::Instant(Unit::Micro),
        (
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64,
            P::INT32 | P::INT64,
        ) => Kind::Unsigned,
        // Older writers don't say that bytes are a text.
        (_, P::BYTE_ARRAY) => Kind::Text,
        (_, P::INT32 | P::INT64) => Kind::Int,
        (_, P::FLOAT | P::DOUBLE) => Kind::Float,
        (_, P::BOOLEAN) => Kind::Bool,
        (_, P::INT96) => Kind::OldInstant,
        (_, P::FIXED_LEN_BYTE_ARRAY) => return Err(Other),
    })
}

impl Kind {
    /// Whether it can be a customer's id.
    pub(super) fn is_id(self) -> bool {
        matches!(self, Kind::Text | Kind::Int | Kind::Unsigned)
    }

    /// Whether a column can be an attribute of this type; `rest` is the path below the attribute's name.
    pub(super) fn fits(self, ty: Type, column: &ColumnDescriptor, rest: &[String]) -> bool {
        if let Type::Set(element) = ty {
            // A list is two levels deep, of older writers one.
            return column.max_rep_level() == 1
                && rest.len() <= 2
                && match element.ty() {
                    Type::Int => matches!(self, Kind::Int | Kind::Unsigned),
                    _ => self == Kind::Text,
                };
        }
        if !rest.is_empty() || column.max_rep_level() > 0 {
            return false;
        }
        match ty {
            Type::Bool => self == Kind::Bool,
            // Tools write whole numbers with gaps as DOUBLE; each value must be whole.
            Type::Int | Type::Number => {
                matches!(self, Kind::Int | Kind::Unsigned | Kind::Float | Kind::Decimal(_))
            }
            Type::Percent => {
                matches!(self, Kind::Int | Kind::Unsigned | Kind::Float | Kind::Decimal(_) | Kind::Text)
            }
            Type::Money(_) => matches!(self, Kind::Decimal(_) | Kind::Text),
            Type::Date => matches!(self, Kind::Date | Kind::Text),
            Type::Time => matches!(self, Kind::Time(_) | Kind::Text),
            Type::Instant => matches!(self, Kind::Instant(_) | Kind::OldInstant | Kind::Text),
            _ => self == Kind::Text,
        }
    }
}

/// What to do about a column that can't be an attribute of this type.
pub(super) fn help(ty: Type) -> String {
    match ty {
        Type::Money(currency) => format!(
            "write amounts as DECIMAL, in {code}, or as texts such as \"80.00 {code}\"",
            code = currency.code()
        ),
        Type::Instant => {
            "write instants as TIMESTAMP in UTC (a timestamp without a time zone is none)".to_owned()
        }
        Type::Set(_) => "write sets as a list of texts, or of whole numbers".to_owned(),
        _ => super::CAST.to_owned(),
    }
}

/// As people know it: "DOUBLE", "a list of UTF8".
pub(super) fn describe(column: &ColumnDescriptor) -> String {
    let found = describe_member(column);
    match column.max_rep_level() {
        0 => found,
        1 => format!("a list of {found}"),
        _ => format!("lists of lists of {found}"),
    }
}

/// The same of what stands in the list, where it is one.
pub(super) fn describe_member(column: &ColumnDescriptor) -> String {
    let logical = column.logical_type_ref().map(|logical| match logical {
        LogicalType::String => "text".to_owned(),
        LogicalType::Decimal(_) => format!("DECIMAL({}, {})", column.type_precision(), column.type_scale()),
        LogicalType::Timestamp(at) if !at.is_adjusted_to_u_t_c => "TIMESTAMP without a time zone".to_owned(),
        LogicalType::Timestamp(_) => "TIMESTAMP".to_owned(),
        LogicalType::Time(_) => "TIME".to_owned(),
        LogicalType::Integer(_) => format!("{}", column.physical_type()),
        other => format!("{other:?}").to_uppercase(),
    });
    let plain = || match (column.physical_type(), column.converted_type()) {
        (Physical::BYTE_ARRAY, _) => "text".to_owned(),
        (_, ConvertedType::DATE) => "DATE".to_owned(),
        (physical, _) => physical.to_string(),
    };
    logical.unwrap_or_else(plain)
}
