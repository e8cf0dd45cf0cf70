//! As much of Protocol Buffers' encoding as ONNX needs: fields of messages, read in place.

use super::{LEAVES, Problem};

/// Of one field, more than this is too large a model: a tree has two nodes for each leaf, a leaf a number for each class.
const MOST: usize = 4 * LEAVES;

/// A message: bytes that are read as fields.
#[derive(Clone, Copy)]
pub(super) struct Message<'b>(pub(super) &'b [u8]);

/// What a field holds, by its wire type.
#[derive(Clone, Copy)]
pub(super) enum Value<'b> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'b [u8]),
    Fixed32([u8; 4]),
}

type Field<'b> = (u64, Value<'b>);

impl<'b> Message<'b> {
    /// Its fields with their numbers, in their order.
    pub(super) fn fields(self) -> impl Iterator<Item = Result<Field<'b>, Problem>> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let field = next(&mut rest);
            if field.is_err() {
                rest = &[];
            }
            Some(field)
        })
    }

    /// The bytes of all fields of a number.
    pub(super) fn all(self, number: u64) -> Result<Vec<&'b [u8]>, Problem> {
        let mut found = Vec::new();
        for field in self.fields() {
            if let (at, Value::Bytes(bytes)) = field?
                && at == number
            {
                found.push(bytes);
            }
            if found.len() > MOST {
                return Problem::too_many_leaves();
            }
        }
        Ok(found)
    }

    /// The bytes of the last field of a number: it counts where there are several.
    pub(super) fn last(self, number: u64) -> Result<Option<&'b [u8]>, Problem> {
        Ok(self.all(number)?.pop())
    }

    /// The same as a message; empty where it isn't there.
    pub(super) fn part(self, number: u64) -> Result<Message<'b>, Problem> {
        Ok(Message(self.last(number)?.unwrap_or_default()))
    }

    /// The same as a text; empty where it isn't there.
    pub(super) fn text(self, number: u64) -> Result<&'b str, Problem> {
        text(self.last(number)?.unwrap_or_default())
    }

    /// The whole numbers of a field, alone or packed.
    pub(super) fn integers(self, number: u64) -> Result<Vec<i64>, Problem> {
        let mut found = Vec::new();
        for field in self.fields() {
            match field? {
                (at, Value::Varint(value)) if at == number => found.push(value as i64),
                (at, Value::Bytes(mut packed)) if at == number => {
                    while !packed.is_empty() && found.len() <= MOST {
                        found.push(varint(&mut packed)? as i64);
                    }
                }
                _ => {}
            }
            if found.len() > MOST {
                return Problem::too_many_leaves();
            }
        }
        Ok(found)
    }

    /// The single-precision numbers of a field, alone or packed.
    pub(super) fn singles(self, number: u64) -> Result<Vec<f64>, Problem> {
        let mut found = Vec::new();
        for field in self.fields() {
            match field? {
                (at, Value::Fixed32(bytes)) if at == number => found.push(f32::from_le_bytes(bytes).into()),
                (at, Value::Bytes(packed)) if at == number => found.extend(singles(packed)?),
                _ => {}
            }
            if found.len() > MOST {
                return Problem::too_many_leaves();
            }
        }
        Ok(found)
    }

    /// The doubles of a field, alone or packed.
    pub(super) fn doubles(self, number: u64) -> Result<Vec<f64>, Problem> {
        let mut found = Vec::new();
        for field in self.fields() {
            match field? {
                (at, Value::Fixed64(bytes)) if at == number => found.push(f64::from_le_bytes(bytes)),
                (at, Value::Bytes(packed)) if at == number => found.extend(doubles(packed)?),
                _ => {}
            }
            if found.len() > MOST {
                return Problem::too_many_leaves();
            }
        }
        Ok(found)
    }
}

/// A text in UTF-8.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).or_else(|_| Problem::broken("one of its names isn't a text"))
}

/// Single-precision numbers, one after the other.
pub(super) fn singles(bytes: &[u8]) -> Result<Vec<f64>, Problem> {
    if bytes.len() / 4 > MOST {
        return Problem::too_many_leaves();
    }
    match bytes.as_chunks::<4>() {
        (chunks, []) => Ok(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk).into()).collect()),
        _ => cut_short(),
    }
}

/// Doubles, one after the other.
pub(super) fn doubles(bytes: &[u8]) -> Result<Vec<f64>, Problem> {
    if bytes.len() / 8 > MOST {
        return Problem::too_many_leaves();
    }
    match bytes.as_chunks::<8>() {
        (chunks, []) => Ok(chunks.iter().map(|chunk| f64::from_le_bytes(*chunk)).collect()),
        _ => cut_short(),
    }
}

fn next<'b>(rest: &mut &'b [u8]) -> Result<Field<'b>, Problem> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => Value::Varint(varint(rest)?),
        1 => Value::Fixed64(fixed(rest)?),
        2 => {
            let len = varint(rest)?;
            let split = usize::try_from(len).ok().and_then(|len| rest.split_at_checked(len));
            let Some((bytes, after)) = split else { return cut_short() };
            *rest = after;
            Value::Bytes(bytes)
        }
        5 => Value::Fixed32(fixed(rest)?),
        _ => return Problem::broken("its bytes are no ONNX"),
    };
    Ok((key >> 3, value))
}

fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Problem> {
    let Some((bytes, after)) = rest.split_first_chunk() else { return cut_short() };
    *rest = after;
    Ok(*bytes)
}

/// Seven bits a byte, the lowest first.
fn varint(rest: &mut &[u8]) -> Result<u64, Problem> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let Some((byte, after)) = rest.split_first() else { return cut_short() };
        *rest = after;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Problem::broken("its bytes are no ONNX")
}

fn cut_short<T>() -> Result<T, Problem> {
    Problem::broken("it is cut short, or no ONNX")
}
