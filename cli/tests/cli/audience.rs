//! `comity audience`: NDJSON and Parquet, in and out, and files that are neither.

use super::support::{Folder, Outcome};
use insta::assert_snapshot;
use parquet::basic::{
    BrotliLevel, Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::metadata::ParquetMetaDataWriter;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::RowAccessor as _;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use std::path::Path;
use std::sync::Arc;

const POLICY: &str = r#"
enum Tier ordered { bronze, silver, gold }
profile {
  email:     email?     personal
  tier:      Tier       = bronze
  age:       int?
  ratio:     number     = 0
  spent:     money EUR  = 0 EUR
  birthday:  date?
  joined:    instant?
  vip:       bool       = false
  timezone:  timezone   = "Europe/Berlin"
  interests: set of text
}
event purchase { order: text, amount: money EUR }
channel mail { to profile.email }
channel web  { inbound }
placement home { on web show 1 }
purpose offers { opt_in on mail  always on web }
class promotional
segment big_spender = profile.spent >= 100 EUR
segment golfer      = profile.interests contains "golf"
segment grown       = profile.age is known and profile.age in 18..65
segment regular     = profile.ratio > 0.5 or profile.vip
segment early       = profile.joined is known and profile.joined < 2026-01-01T00:00:00Z
segment buyer       = any purchase
message birthday_card {
  class promotional  purpose offers
  when  profile.birthday is known and years since profile.birthday >= 18
  via   mail
  content mail { subject "s" body "b" }
}
message gold_banner {
  class promotional  purpose offers
  when  profile.tier == gold
  at    home
  content home { text "t" }
}
message thanks {
  class promotional  purpose offers
  on    purchase
  when  event.amount > 10 EUR and profile.tier >= silver
  via   mail
  content mail { subject "s" body "b" }
}
"#;

const AT: &str = "2026-11-27T10:00:00Z";

/// As [`table`] has them.
const PROFILES: &str = r#"{"subject":"ada","attributes":{"email":"ada@shop.example","tier":"gold","age":40,"ratio":0.75,"spent":"120.50 EUR","birthday":"1990-05-01","joined":"2025-06-01T12:00:00Z","vip":false,"interests":["golf","chess"]},"consents":[{"purpose":"offers","channel":"mail"}]}
{"subject":"ben \"b\"","attributes":{"email":"ben@shop.example","tier":"silver","age":17,"ratio":0.5,"spent":"99.99 EUR","birthday":"2010-05-01","joined":"2026-06-01T12:00:00Z","vip":true,"interests":[]},"consents":[{"purpose":"offers"}]}
{"subject":"cleo","attributes":{"tier":"bronze"}}
{"subject":"dora","attributes":{"email":"dora@shop.example","tier":"gold","age":66,"ratio":1.5,"spent":"100.00 EUR","birthday":"1960-01-31","joined":"2026-01-01T00:00:00Z","vip":true,"interests":["golf"]},"consents":[{"purpose":"offers","time":"2026-01-01T00:00:00Z"},{"purpose":"offers","withdrawn":true,"time":"2026-02-01T00:00:00Z"}]}
"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("policy.comity", POLICY).write("profiles.ndjson", PROFILES);
    folder
}

fn audience(folder: &Folder, args: &[&str]) -> Outcome {
    let mut all = vec!["audience", "policy.comity", "--at", AT, "--color", "never"];
    all.extend(args);
    folder.comity(&all)
}

/// A column of a table: its values, of which those that are `None` aren't there.
enum Values {
    Text(Vec<Option<&'static str>>),
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Double(Vec<Option<f64>>),
    Bool(Vec<Option<bool>>),
    /// Lists, in three levels.
    Lists(Vec<Vec<&'static str>>),
}

struct Made {
    name: &'static str,
    logical: Option<LogicalType>,
    values: Values,
}

fn made(name: &'static str, logical: Option<LogicalType>, values: Values) -> Made {
    Made { name, logical, values }
}

fn write<T: DataType>(
    group: &mut parquet::file::writer::SerializedRowGroupWriter<'_, std::fs::File>,
    values: &[Option<T::T>],
) {
    let mut column = group.next_column().unwrap().unwrap();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let there: Vec<T::T> = values.iter().flatten().cloned().collect();
    column.typed::<T>().write_batch(&there, Some(&levels), None).unwrap();
    column.close().unwrap();
}

/// Writes a Parquet file, in row groups of so many rows.
fn parquet(path: &Path, columns: &[Made], each: usize) {
    let text = || Some(LogicalType::String);
    let field = |column: &Made| {
        let physical = match column.values {
            Values::Text(_) => Physical::BYTE_ARRAY,
            Values::Int32(_) => Physical::INT32,
            Values::Int64(_) => Physical::INT64,
            Values::Double(_) => Physical::DOUBLE,
            Values::Bool(_) => Physical::BOOLEAN,
            Values::Lists(_) => {
                let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY);
                let element = element.with_repetition(Repetition::OPTIONAL).with_logical_type(text());
                let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
                let list = list.with_fields(vec![Arc::new(element.build().unwrap())]).build().unwrap();
                let outer = Type::group_type_builder(column.name).with_repetition(Repetition::OPTIONAL);
                let outer = outer.with_logical_type(Some(LogicalType::List));
                return Arc::new(outer.with_fields(vec![Arc::new(list)]).build().unwrap());
            }
        };
        let is_decimal = matches!(column.logical, Some(LogicalType::Decimal(_)));
        let field = Type::primitive_type_builder(column.name, physical);
        let field = field.with_repetition(Repetition::OPTIONAL).with_logical_type(column.logical.clone());
        let field = if is_decimal { field.with_precision(18).with_scale(3) } else { field };
        Arc::new(field.build().unwrap())
    };
    let schema = Type::group_type_builder("schema").with_fields(columns.iter().map(field).collect());
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let properties = Arc::new(WriterProperties::builder().set_compression(zstd).build());
    let file = std::fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema.build().unwrap()), properties).unwrap();
    let rows = match &columns[0].values {
        Values::Text(values) => values.len(),
        Values::Int64(values) => values.len(),
        _ => panic!("ids come first"),
    };
    for start in (0..rows).step_by(each) {
        let range = start..(start + each).min(rows);
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            match &column.values {
                Values::Text(values) => {
                    let values = &values[range.clone()];
                    let values: Vec<_> = values.iter().map(|value| value.map(ByteArray::from)).collect();
                    write::<ByteArrayType>(&mut group, &values);
                }
                Values::Int32(values) => write::<Int32Type>(&mut group, &values[range.clone()]),
                Values::Int64(values) => write::<Int64Type>(&mut group, &values[range.clone()]),
                Values::Double(values) => write::<DoubleType>(&mut group, &values[range.clone()]),
                Values::Bool(values) => write::<BoolType>(&mut group, &values[range.clone()]),
                Values::Lists(lists) => {
                    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
                    for list in &lists[range.clone()] {
                        definitions.extend(if list.is_empty() { vec![1] } else { vec![3; list.len()] });
                        repetitions.extend((0..list.len().max(1)).map(|at| i16::from(at > 0)));
                        values.extend(list.iter().map(|value| ByteArray::from(*value)));
                    }
                    let mut writer = group.next_column().unwrap().unwrap();
                    let typed = writer.typed::<ByteArrayType>();
                    typed.write_batch(&values, Some(&definitions), Some(&repetitions)).unwrap();
                    writer.close().unwrap();
                }
            }
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

/// The customers of [`PROFILES`].
fn table() -> Vec<Made> {
    let text = || Some(LogicalType::String);
    let email = [Some("ada@shop.example"), Some("ben@shop.example"), None, Some("dora@shop.example")];
    // 2025-06-01T12:00:00Z, 2026-06-01T12:00:00Z, 2026-01-01T00:00:00Z
    let joined = vec![Some(1_748_779_200_000), Some(1_780_315_200_000), None, Some(1_767_225_600_000)];
    let consents = [
        Some(r#"[{"purpose":"offers","channel":"mail"}]"#),
        Some(r#"[{"purpose":"offers"}]"#),
        None,
        Some(
            r#"[{"purpose":"offers","time":"2026-01-01T00:00:00Z"},{"purpose":"offers","withdrawn":true,"time":"2026-02-01T00:00:00Z"}]"#,
        ),
    ];
    vec![
        made(
            "subject",
            text(),
            Values::Text(vec![Some("ada"), Some("ben \"b\""), Some("cleo"), Some("dora")]),
        ),
        made("email", text(), Values::Text(email.into())),
        made("tier", text(), Values::Text(vec![Some("gold"), Some("silver"), Some("bronze"), Some("gold")])),
        made("age", None, Values::Int64(vec![Some(40), Some(17), None, Some(66)])),
        made("ratio", None, Values::Double(vec![Some(0.75), Some(0.5), None, Some(1.5)])),
        made(
            "spent",
            Some(LogicalType::decimal(3, 18)),
            Values::Int64(vec![Some(120_500), Some(99_990), None, Some(100_000)]),
        ),
        made(
            "birthday",
            Some(LogicalType::Date),
            Values::Int32(vec![Some(7425), Some(14730), None, Some(-3623)]),
        ),
        made("joined", Some(LogicalType::timestamp(true, TimeUnit::MILLIS)), Values::Int64(joined)),
        made("vip", None, Values::Bool(vec![Some(false), Some(true), None, Some(true)])),
        made("interests", None, Values::Lists(vec![vec!["golf", "chess"], vec![], vec![], vec!["golf"]])),
        made("consents", text(), Values::Text(consents.into())),
    ]
}

#[test]
fn who_is_in_what() {
    let folder = folder();
    let outcome = audience(&folder, &["--profiles", "profiles.ndjson", "--summary"]);
    assert_eq!(outcome.status, 0);
    assert_snapshot!(outcome.out);
    assert_snapshot!(outcome.err);
}

#[test]
fn some_of_them_only() {
    let folder = folder();
    let outcome = audience(
        &folder,
        &["--profiles", "profiles.ndjson", "--segment", "golfer", "--segment", "golfer", "--quiet"],
    );
    assert_eq!(
        (outcome.out.as_str(), outcome.err.as_str()),
        (
            "{\"segments\":[\"golfer\"],\"subject\":\"ada\"}\n{\"segments\":[\"golfer\"],\"subject\":\"dora\"}\n",
            ""
        )
    );
    let two = audience(&folder, &["--profiles", "profiles.ndjson", "--segment", "golfer,early", "--quiet"]);
    assert_eq!(two.out.lines().next(), Some("{\"segments\":[\"early\",\"golfer\"],\"subject\":\"ada\"}"));
    let counted = audience(
        &folder,
        &["--profiles", "profiles.ndjson", "--message", "gold_banner", "--count", "--format", "json", "-q"],
    );
    let json: serde_json::Value = serde_json::from_str(&counted.out).expect("JSON");
    assert_eq!(json["messages"]["gold_banner"], serde_json::json!({"customers": 2, "held_out": 0}));
    assert_eq!((json["customers"].as_u64(), json["found"].as_u64()), (Some(4), Some(2)));
    assert_eq!(json["at"], AT);
}

#[test]
fn parquet_says_the_same_as_lines() {
    let folder = folder();
    let lines = audience(&folder, &["--profiles", "profiles.ndjson"]);
    for each in [1, 3, 100] {
        parquet(&folder.path("profiles.parquet"), &table(), each);
        for threads in ["1", "3"] {
            let outcome = audience(&folder, &["--profiles", "profiles.parquet", "--threads", threads]);
            assert_eq!((outcome.status, &outcome.out), (0, &lines.out), "{}", outcome.err);
        }
    }
}

#[test]
fn a_written_table_has_what_the_lines_have() {
    let folder = folder();
    let lines = audience(&folder, &["--profiles", "profiles.ndjson"]);
    let outcome = audience(&folder, &["--profiles", "profiles.ndjson", "--out", "found.parquet"]);
    assert_eq!((outcome.status, outcome.out.as_str()), (0, ""), "{}", outcome.err);
    let file = std::fs::File::open(folder.path("found.parquet")).unwrap();
    let mut found = String::new();
    for row in SerializedFileReader::new(file).unwrap().get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let list = |at: usize| -> Vec<String> {
            let list = row.get_list(at).unwrap().elements();
            list.iter().map(|name| name.to_string().replace('"', "")).collect()
        };
        let record = serde_json::json!({
            "subject": row.get_string(0).unwrap(), "segments": list(1), "messages": list(2),
        });
        found.push_str(&format!("{record}\n"));
    }
    assert_eq!(found, lines.out);
    assert_eq!(folder.names("."), ["found.parquet", "policy.comity", "profiles.ndjson"]);
}

#[test]
fn many_customers_come_in_their_order_on_any_number_of_threads() {
    let folder = folder();
    let mut many = String::new();
    for at in 0..30_000_u32 {
        let (age, spent) = (at % 90, at.wrapping_mul(2_654_435_761) % 200);
        many.push_str(&format!(
            "{{\"subject\":\"c{at}\",\"attributes\":{{\"age\":{age},\"spent\":\"{spent}.00 EUR\"}}}}\n"
        ));
    }
    folder.write("many.ndjson", &many);
    let one = audience(&folder, &["--profiles", "many.ndjson", "--threads", "1"]);
    let four = audience(&folder, &["--profiles", "many.ndjson", "--threads", "4"]);
    // So many that they couldn't all be begun.
    let most = audience(&folder, &["--profiles", "many.ndjson", "--threads", "65535"]);
    assert_eq!((one.status, four.status, most.status), (0, 0, 0));
    assert!(one.out == four.out && one.out == most.out);
    let in_segment = |segment: &str| one.out.lines().filter(|line| line.contains(segment)).count();
    assert_eq!(in_segment("grown"), (0..30_000).filter(|at| (18..=65).contains(&(at % 90))).count());
    let spends = |at: &u32| at.wrapping_mul(2_654_435_761) % 200 >= 100;
    assert_eq!(in_segment("big_spender"), (0..30_000).filter(spends).count());
}

#[test]
fn wrong_names() {
    let folder = folder();
    let said = |args: &[&str]| {
        let mut all = vec!["--profiles", "profiles.ndjson"];
        all.extend(args);
        let outcome = audience(&folder, &all);
        assert_eq!(outcome.status, 2);
        outcome.err
    };
    let all = [
        said(&["--segment", "big_spendr"]),
        said(&["--message", "golfer"]),
        said(&["--segment", "nothing_like_it_at_all"]),
        said(&["--out", "profiles.ndjson"]),
        said(&["--out", "customers.ndjson.gz"]),
        said(&["--out", "customers.csv"]),
        said(&["--segment", "golfer, regular"]),
        said(&["--threads", "0"]),
    ];
    assert_snapshot!(all.join("\n"));
}

#[test]
fn wrong_customers_are_named_and_nothing_is_written() {
    let folder = folder();
    let wrong = format!(
        "{PROFILES}{{\"subject\":\"eve\",\"attributes\":{{\"tier\":\"glod\"}}}}\n{{\"attributes\":{{}}}}\n{{\"subject\":\"fay\",\"attributes\":{{\"nam\":1}}}}\n"
    );
    folder.write("wrong.ndjson", wrong).write("out.ndjson", "before");
    let outcome = audience(&folder, &["--profiles", "wrong.ndjson", "--out", "out.ndjson"]);
    assert_eq!((outcome.status, folder.read("out.ndjson").as_str()), (2, "before"));
    let mut wrong = table();
    wrong[2] = made(
        "tier",
        Some(LogicalType::String),
        Values::Text(vec![Some("gold"), Some("glod"), None, Some("silber")]),
    );
    wrong[4] = made("ratio", None, Values::Double(vec![Some(0.0), Some(1.0), Some(f64::NAN), Some(-0.0)]));
    parquet(&folder.path("wrong.parquet"), &wrong, 2);
    let table = audience(&folder, &["--profiles", "wrong.parquet", "--out", "out.ndjson"]);
    assert_eq!((table.status, folder.read("out.ndjson").as_str()), (2, "before"));
    let event = r#"{"id":"e1","type":"purchase","subject":"c1","time":"2026-11-02T10:00:00Z","data":{}}"#;
    folder.write("events.ndjson", event);
    let events = audience(&folder, &["--profiles", "events.ndjson", "--out", "out.ndjson"]);
    assert_eq!((events.status, folder.read("out.ndjson").as_str()), (2, "before"));
    assert_snapshot!(format!("{}\n{}\n{}", outcome.err, table.err, events.err));
}

#[test]
fn wrong_columns() {
    let folder = folder();
    let said = |name: &'static str, changed: Made| {
        let mut columns = table();
        match columns.iter_mut().find(|column| column.name == name) {
            Some(column) => *column = changed,
            None => columns.push(changed),
        }
        parquet(&folder.path("p.parquet"), &columns, 100);
        audience(&folder, &["--profiles", "p.parquet", "--count", "--segment", "grown"])
    };
    let numbers = || Values::Double(vec![Some(1.0), None, Some(2.0), Some(3.0)]);
    let wholes = || Values::Int64(vec![Some(1), None, Some(2), Some(3)]);
    let local = Some(LogicalType::timestamp(false, TimeUnit::MICROS));
    let mut all = Vec::new();
    for outcome in [
        said("tier", made("tier", None, numbers())),
        said("spent", made("spent", None, numbers())),
        said("joined", made("joined", local, wholes())),
        said("interests", made("interests", None, wholes())),
        said("subject", made("subjekt", Some(LogicalType::String), Values::Text(vec![Some("a"); 4]))),
    ] {
        assert_eq!(outcome.status, 2, "{}", outcome.err);
        all.push(outcome.err);
    }
    // Not for the columns that are only nearly these.
    let texts = || Values::Text(vec![Some("[]"); 4]);
    for (name, meant) in [("consent", "consents"), ("Attributes", "attributes")] {
        let outcome = said(name, made(name, Some(LogicalType::String), texts()));
        outcome.ends(2, &[&format!("p.parquet: a profile has no \"{name}\"; did you mean \"{meant}\"?\n")]);
    }
    said("attributes", made("attributes", Some(LogicalType::String), texts())).ends(
        2,
        &["column `attributes` must hold a struct with a column for each attribute, and holds text\n"],
    );
    // Whole numbers can be ids, strangers are named.
    let strange =
        said("subject", made("subject", None, Values::Int64(vec![Some(7), Some(8), Some(-9), Some(1)])));
    assert_eq!(strange.status, 0, "{}", strange.err);
    let strange = said("shoe_size", made("shoe_size", None, wholes()));
    assert_eq!(strange.status, 0, "{}", strange.err);
    all.push(strange.err);
    assert_snapshot!(all.join("\n"));
}

/// Numbers with gaps are DOUBLE for many tools, and DECIMAL for databases.
#[test]
fn whole_numbers_come_in_columns_that_could_have_fractions() {
    let folder = folder();
    let lines = audience(&folder, &["--profiles", "profiles.ndjson"]);
    let with = |logical: Option<LogicalType>, values: Values| {
        let mut columns = table();
        columns[3] = made("age", logical, values);
        parquet(&folder.path("p.parquet"), &columns, 3);
        audience(&folder, &["--profiles", "p.parquet"])
    };
    let decimal = || Some(LogicalType::decimal(3, 18));
    let doubles = |last: f64| Values::Double(vec![Some(40.0), Some(17.0), None, Some(last)]);
    let thousandths = |last: i64| Values::Int64(vec![Some(40_000), Some(17_000), None, Some(last)]);
    assert_eq!(with(None, doubles(66.0)).out, lines.out);
    assert_eq!(with(decimal(), thousandths(66_000)).out, lines.out);
    let at = "p.parquet: row 4, column `age`: `age` of the profile: expected a whole number, found";
    for (outcome, found) in [
        (with(None, doubles(61.5)), "61.5"),
        (with(decimal(), thousandths(61_500)), "61.5"),
        (with(None, doubles(f64::NAN)), "a number that is not finite"),
        (with(None, doubles(1e300)), "1e+300; it is too large"),
    ] {
        outcome.ends(2, &[&format!("{at} {found}")]);
    }
}

#[test]
fn a_wrong_column_is_told_once() {
    let folder = folder();
    let mut columns = table();
    columns[2] = made("tier", Some(LogicalType::String), Values::Text(vec![Some("Gold"); 4]));
    for each in [1, 100] {
        parquet(&folder.path("p.parquet"), &columns, each);
        let outcome = audience(&folder, &["--profiles", "p.parquet", "--threads", "2"]);
        outcome.ends(
            2,
            &["4 profiles can't be read\np.parquet: row 1, column `tier`: ", " (and in 3 more rows)\n"],
        );
        assert_eq!(outcome.err.matches("tier").count(), 2, "{}", outcome.err);
    }
    let line = "{\"subject\":\"ada\",\"attributes\":{\"tier\":\"Gold\"}}\n";
    folder.write("p.ndjson", line.repeat(2000));
    for outcome in [
        audience(&folder, &["--profiles", "p.ndjson"]),
        folder.comity(&["run", "policy.comity", "--events", "profiles.ndjson", "--profiles", "p.ndjson"]),
    ] {
        outcome.ends(2, &["2000 profiles can't be read\np.ndjson:1: ", " (and in 1,999 more lines)\n"]);
        assert_eq!(outcome.err.matches("tier").count(), 1, "{}", outcome.err);
    }
}

#[test]
fn a_customer_in_two_rows_is_refused() {
    let folder = folder();
    let mut columns = table();
    columns[0] = made(
        "subject",
        Some(LogicalType::String),
        Values::Text(vec![Some("ada"), Some("ben"), Some("cleo"), Some("ada")]),
    );
    for each in [1, 100] {
        parquet(&folder.path("p.parquet"), &columns, each);
        let outcome = audience(&folder, &["--profiles", "p.parquet", "--count", "--threads", "2"]);
        outcome.ends(
            2,
            &["p.parquet: 1 row tells of a customer of whom a row before has told: `ada` in rows 1 and 4\n"],
        );
        assert_eq!(outcome.out, "");
    }
}

/// A table of three customers with the columns of a schema: texts with their levels, and columns without a type.
fn table_of(path: &Path, columns: &str, texts: &[&Levelled]) {
    let schema = format!(
        "message schema {{ required binary subject (UTF8); optional binary email (UTF8); {columns} }}"
    );
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let file = std::fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let subjects: Levelled = (&["ada", "ben", "cleo"], &[], &[]);
    let emails: Levelled = (&["a@shop.example", "b@shop.example", "c@shop.example"], &[1, 1, 1], &[]);
    let mut texts = [&subjects, &emails].into_iter().chain(texts.iter().copied());
    while let Some(mut column) = group.next_column().unwrap() {
        match column.untyped() {
            ColumnWriter::Int32ColumnWriter(empty) => {
                empty.write_batch(&[], Some(&[0, 0, 0]), Some(&[0, 0, 0])).unwrap();
            }
            ColumnWriter::ByteArrayColumnWriter(column) => {
                let (values, definitions, repetitions) = texts.next().unwrap();
                let values: Vec<ByteArray> = values.iter().map(|value| ByteArray::from(*value)).collect();
                let levels = |levels: &'static [i16]| (!levels.is_empty()).then_some(levels);
                column.write_batch(&values, levels(definitions), levels(repetitions)).unwrap();
            }
            _ => panic!("a text, or nothing"),
        };
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

/// Values, how much of the path to each entry is there, and how much of it goes on.
type Levelled = (&'static [&'static str], &'static [i16], &'static [i16]);

#[test]
fn columns_without_a_type_say_nothing() {
    // As tools write columns in which nobody has a value.
    let folder = folder();
    table_of(
        &folder.path("p.parquet"),
        "optional int32 age (UNKNOWN); optional int32 spent (UNKNOWN); \
         optional group interests (LIST) { repeated group list { optional int32 element (UNKNOWN); } } \
         optional int32 consents (UNKNOWN);",
        &[],
    );
    let asked = [
        "--segment",
        "golfer",
        "--segment",
        "grown",
        "--segment",
        "big_spender",
        "--message",
        "birthday_card",
    ];
    let args = [&["--profiles", "p.parquet", "--count", "--format", "json", "--quiet"][..], &asked].concat();
    let outcome = audience(&folder, &args);
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    let found: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!((&found["customers"], &found["found"]), (&3.into(), &0.into()));
    assert_eq!(
        outcome.err,
        "p.parquet: no column for `birthday`, `timezone`, which are asked for: they count as their defaults, or as unknown\n"
    );
}

#[test]
fn a_misspelt_column_is_told_wherever_it_stands() {
    let folder = folder();
    for (columns, told) in [
        ("optional int32 aeg (UNKNOWN);", "`aeg`"),
        ("optional group attributes { optional int32 aeg (UNKNOWN); }", "`attributes.aeg`"),
    ] {
        table_of(&folder.path("p.parquet"), columns, &[]);
        let outcome =
            audience(&folder, &["--profiles", "p.parquet", "--count", "--segment", "grown", "--quiet"]);
        let said = format!(
            "warning: p.parquet: 1 column that the policy doesn't know: {told} (did you mean `age`?)\n"
        );
        outcome.ends(0, &[&said, "p.parquet: no column for `age`"]);
    }
}

#[test]
fn consents_are_a_list_of_records_and_nothing_else() {
    let folder = folder();
    let list =
        |element: &str| format!("optional group consents (LIST) {{ repeated group list {{ {element} }} }}");
    let said = |columns: &str, texts: &[&Levelled]| {
        table_of(&folder.path("p.parquet"), columns, texts);
        audience(
            &folder,
            &["--profiles", "p.parquet", "--message", "thanks", "--quiet", "--count", "--format", "json"],
        )
    };
    // Ada has two, of which the second is for no channel; ben none, cleo one for another channel.
    let record = "optional group element { required binary purpose (UTF8); optional binary channel (UTF8); \
                  optional binary campaign (UTF8); }";
    let purposes: Levelled = (&["offers", "offers", "offers"], &[3, 3, 0, 3], &[0, 1, 0, 0]);
    let channels: Levelled = (&["mail", "web"], &[4, 3, 0, 4], &[0, 1, 0, 0]);
    let campaigns: Levelled = (&[], &[3, 3, 0, 3], &[0, 1, 0, 0]);
    let outcome = said(&list(record), &[&purposes, &channels, &campaigns]);
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    let found: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    // Bronze is what nobody's column says otherwise.
    assert_eq!(found["messages"]["thanks"]["customers"], 0);
    let tiers: Levelled = (&["gold", "gold", "gold"], &[1, 1, 1], &[]);
    let columns = format!("{} optional binary tier (UTF8);", list(record));
    let outcome = said(&columns, &[&purposes, &channels, &campaigns, &tiers]);
    let found: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(found["messages"]["thanks"]["customers"], 1, "{}", outcome.err);

    // Ben's list has a null, as in NDJSON `"consents": [null]`.
    let purposes: Levelled = (&["offers"], &[3, 2, 0], &[0, 0, 0]);
    let others: Levelled = (&[], &[3, 2, 0], &[0, 0, 0]);
    let outcome = said(&list(record), &[&purposes, &others, &others]);
    outcome.ends(2, &["p.parquet: row 2, column `consents`: `purpose` of a consent is missing"]);
    let json = "{\"subject\":\"ben\",\"consents\":[null]}\n";
    folder.write("p.ndjson", json);
    audience(&folder, &["--profiles", "p.ndjson"])
        .ends(2, &["p.ndjson:1: `purpose` of a consent is missing"]);

    // A field of another type is named.
    let none: Levelled = (&[], &[0, 0, 0], &[0, 0, 0]);
    for (field, said_of) in [
        ("optional binary withdrawn (UTF8);", "withdrawn` must hold true or false, and holds text\n"),
        ("optional int32 confirmed;", "confirmed` must hold true or false, and holds INT32\n"),
        (
            "optional int32 time (DATE);",
            "time` must hold TIMESTAMP in UTC, or a text such as \"2026-11-27T10:00:00Z\", and holds DATE\n",
        ),
        ("optional int32 purpose;", "purpose` must hold text, and holds INT32\n"),
    ] {
        let outcome = said(&list(&format!("optional group element {{ {field} }}")), &[&none]);
        outcome.ends(2, &[&format!("error: p.parquet: `consents[].{said_of}")]);
    }
    // Within `attributes` they are no consents.
    let outcome = said(&format!("optional group attributes {{ {} }}", list(record)), &[&none; 3]);
    outcome.ends(2, &["error: p.parquet: `attributes` has no \"consents\"; write it beside them"]);
    // What is no consent is told, and not taken for none.
    let names: Levelled = (&["offers"], &[3, 0, 1], &[0, 0, 0]);
    let outcome = said(&list("optional binary element (UTF8);"), &[&names]);
    assert_eq!(outcome.status, 2);
    assert!(
        outcome.err.starts_with(
            "error: p.parquet: column `consents` must hold JSON as a text, or a list of records, and holds a list of text\n"
        ),
        "{}",
        outcome.err
    );
}

#[test]
fn what_no_profile_has_although_it_is_asked_for_is_told() {
    let folder = folder();
    let said = |profiles: &str, more: &[&str]| {
        folder.write("p.ndjson", profiles);
        audience(&folder, &[&["--profiles", "p.ndjson", "--count", "--quiet"], more].concat()).err
    };
    let ada = "{\"subject\":\"ada\",\"attributes\":{\"tier\":null}}\n";
    let lacks = "warning: p.ndjson: no profile has `consents`, which purpose `offers` asks for\n";
    let missing = |name: &str| {
        format!(
            "p.ndjson: no customer has `{name}`, which is asked for: it counts as its default, or as unknown\n"
        )
    };
    let thanks = said(ada, &["--message", "thanks"]);
    assert!(thanks.starts_with(&format!("{lacks}{}", missing("email"))), "{thanks}");
    // One customer who has it is enough, and nobody asks for consents on the web.
    let two = format!("{ada}{{\"subject\":\"ben\",\"consents\":[{{\"withdrawn\":true}}]}}\n");
    assert!(!said(&two, &["--message", "thanks"]).contains("`consents`"));
    assert_eq!(said(ada, &["--message", "gold_banner"]), "");
    assert_eq!(said(ada, &["--segment", "grown"]), missing("age"));
    assert_eq!(said("", &["--segment", "grown"]), "warning: p.ndjson has no customers\n");
    // Who has withdrawn isn't known either.
    folder.write(
        "out.comity",
        "profile { email: email? personal }\nevent visit { at: int }\nclass offers\nchannel email { to profile.email }\n\
         purpose news { opt_out on email }\nmessage m { class offers  purpose news  on visit  via email  \
         content email { subject \"a\" body \"b\" } }\n",
    );
    folder.write("p.ndjson", "{\"subject\":\"ada\",\"attributes\":{\"email\":\"a@b.de\"}}\n");
    folder
        .comity(&["audience", "out.comity", "--profiles", "p.ndjson", "--message", "m"])
        .ends(0, &["warning: p.ndjson: no profile has `consents`, which purpose `news` asks for\n"])
        .prints(&["ada"]);
    // As of a table.
    table_of(&folder.path("p.parquet"), "optional int32 tier (UNKNOWN);", &[]);
    audience(&folder, &["--profiles", "p.parquet", "--count", "--message", "thanks"])
        .ends(0, &[&lacks.replace("ndjson", "parquet")]);
}

#[test]
fn what_profiles_cant_say_is_said_even_when_quiet_and_all_of_it_when_verbose() {
    let folder = folder();
    let mut policy = folder.read("policy.comity");
    for at in 0..8 {
        policy += &format!("segment busy{at} = count of purchase within {}d >= 1\n", at + 1);
    }
    folder.write("policy.comity", policy);
    let busy: Vec<String> = (0..8).map(|at| format!("busy{at}")).collect();
    let said = |more: &[&str]| {
        let targets = busy.iter().flat_map(|name| ["--segment", name]);
        let args: Vec<&str> =
            ["--profiles", "profiles.ndjson", "--count"].into_iter().chain(targets).collect();
        let outcome = audience(&folder, &[&args, more].concat());
        assert_eq!(outcome.status, 0, "{outcome:?}");
        outcome.err
    };
    let short = "judged as if nothing had happened yet (`purchase`): `busy0`, `busy1`, `busy2`, `busy3`, `busy4` and \
                 3 more (`--verbose` names all); `comity run` decides over a log\n";
    assert_eq!(said(&["--quiet"]), short);
    assert!(said(&[]).ends_with(short));
    for more in [&["--verbose"][..], &["--verbose", "--quiet"]] {
        let said = said(more);
        assert!(said.contains("`busy3`, `busy4`, `busy5`, `busy6`, `busy7`; `comity run`"), "{said}");
    }
}

#[test]
fn a_format_is_that_of_a_summary() {
    let folder = folder();
    let refused = audience(&folder, &["--profiles", "profiles.ndjson", "--format", "json"]);
    refused.ends(2, &["`--format` says how the summary is written", "`--summary`", "`--count`"]);
    assert_eq!(refused.out, "");
    let count = audience(&folder, &["--profiles", "profiles.ndjson", "--format", "json", "--count"]);
    assert!(count.ends(0, &[]).records()[0]["customers"].is_u64());
    audience(&folder, &["--profiles", "profiles.ndjson", "--format", "human", "--summary"]).ends(0, &[]);
}

#[test]
fn profiles_that_were_cut_are_told() {
    let folder = folder();
    let whole = "{\"subject\":\"ann\",\"attributes\":{}}\n{\"subject\":\"bea\",\"attributes\":{\"age\":3";
    let cut = "the file seems to have been cut";
    let said = |text: &str| {
        folder.write("cut.ndjson", text);
        let outcome = audience(&folder, &["--profiles", "cut.ndjson", "--count"]);
        outcome.ends(2, &["cut.ndjson:", "nothing was written"]);
        outcome.err.contains(cut)
    };
    assert!(said(whole) && said("{\"subject\":\"ann\""));
    // With its end a line is as somebody wrote it.
    assert!(
        !said(&format!("{whole}\n")) && !said("{\"subject\":7}") && !said(&whole.replace("\n", " ")[..37])
    );
}

/// The file with another compression in its description.
fn described_as(path: &Path, codec: Compression) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let metadata = reader.metadata();
    let mut groups = Vec::new();
    for group in metadata.row_groups() {
        let columns = group
            .columns()
            .iter()
            .map(|column| column.clone().into_builder().set_compression(codec).build().unwrap());
        let columns = columns.collect();
        groups.push(group.clone().into_builder().set_column_metadata(columns).build().unwrap());
    }
    let metadata = metadata.clone().into_builder().set_row_groups(groups).build();
    let footer = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap()) as usize;
    let mut described = bytes[..bytes.len() - 8 - footer].to_vec();
    ParquetMetaDataWriter::new(&mut described, &metadata).finish().unwrap();
    described
}

#[test]
fn a_table_in_another_compression_is_refused_in_words() {
    let folder = folder();
    let whole = folder.path("whole.parquet");
    parquet(&whole, &table(), 2);
    let brotli = Compression::BROTLI(BrotliLevel::default());
    for (codec, name) in [
        (brotli, "Brotli"),
        (Compression::LZ4, "LZ4"),
        (Compression::LZ4_RAW, "LZ4"),
        (Compression::LZO, "LZO"),
    ] {
        folder.write("other.parquet", described_as(&whole, codec));
        let outcome = audience(&folder, &["--profiles", "other.parquet", "--count", "--quiet"]);
        assert_eq!(
            (outcome.status, outcome.err),
            (
                2,
                format!(
                    "error: other.parquet: column `subject` is compressed with {name}, which isn't read\n  help: write \
                     the file with snappy, zstd or gzip, or uncompressed\n"
                )
            )
        );
    }
}

#[test]
fn a_damaged_table_is_told_and_never_more() {
    let folder = folder();
    parquet(&folder.path("whole.parquet"), &table(), 2);
    let whole = std::fs::read(folder.path("whole.parquet")).unwrap();
    let try_it = |bytes: &[u8]| {
        folder.write("damaged.parquet", bytes);
        audience(&folder, &["--profiles", "damaged.parquet", "--quiet", "--threads", "1"])
    };
    let cut = try_it(&whole[..whole.len() / 2]);
    assert_eq!(cut.status, 2);
    assert_eq!(
        cut.err,
        "error: `damaged.parquet` is cut short: it ends before the end of Parquet\n  help: copy, download or write the file again\n"
    );
    for length in (0..whole.len()).step_by(whole.len() / 23) {
        let outcome = try_it(&whole[..length]);
        assert_eq!(outcome.status, 2, "{length}: {outcome:?}");
        assert!(outcome.out.is_empty() && outcome.err.contains("damaged.parquet"), "{outcome:?}");
    }
    let mut state = 1_u64;
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] ^= 1 << (state >> 20 & 7);
        }
        let outcome = try_it(&bytes);
        // What isn't noticed is a value like any other.
        assert!([0, 2].contains(&outcome.status), "{outcome:?}");
        assert!(!outcome.err.contains("panicked"), "{outcome:?}");
    }
    for (bytes, status) in
        [(&b"PAR1"[..], 2), (b"PAR1PAR1PAR1", 2), (b"PAR1\xff\xff\xff\x7fPAR1", 2), (b"", 2), (b"x", 2)]
    {
        let outcome = try_it(bytes);
        assert_eq!(outcome.status, status, "{outcome:?}");
    }
    let piped = folder.comity_with(&["audience", "policy.comity", "--profiles", "-"], &whole);
    assert_eq!(piped.status, 2, "{piped:?}");
    assert!(piped.err.contains("Parquet"), "{piped:?}");
}

/// What proposes a message can ask for the past and for an event as its conditions do.
#[test]
fn what_proposes_a_message_is_no_matter_of_profiles_either() {
    let folder = folder();
    let policy = folder.read("policy.comity")
        + "message welcome_back { class promotional  purpose offers  on enter buyer\n\
           via mail content mail { subject \"s\" body \"b\" } }\n\
           message large_order { class promotional  purpose offers  on purchase where amount > 90 EUR\n\
           via mail content mail { subject \"s\" body \"b\" } }\n";
    folder.write("policy.comity", policy);
    let args =
        ["--profiles", "profiles.ndjson", "--count", "--message", "welcome_back", "--message", "large_order"];
    let outcome = audience(&folder, &args);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let said = "rules nobody out here: `large_order`, `welcome_back`\n";
    assert!(outcome.err.contains(said), "{}", outcome.err);
}
