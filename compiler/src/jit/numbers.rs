//! Operations on numbers in Cranelift's intermediate form: what [`crate::arithmetic`] says, to the bit.

use super::emit::{Computed, Emit};
use crate::plan::Op;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{InstBuilder, Value};

impl Emit<'_> {
    pub(super) fn double_operation(&mut self, op: &Op, a: Value, b: Value) -> Value {
        let result = match op {
            Op::Add(..) => self.builder.ins().fadd(a, b),
            Op::Subtract(..) => self.builder.ins().fsub(a, b),
            Op::Multiply(..) => self.builder.ins().fmul(a, b),
            // `fmin` and `fmax` order zeros by their sign.
            Op::Min(..) => return self.lesser(a, b),
            // Max.
            _ => return self.greater(a, b),
        };
        self.no_nan(result)
    }

    /// The lesser of two doubles, the first where they are equal.
    pub(super) fn lesser(&mut self, a: Value, b: Value) -> Value {
        let less = self.builder.ins().fcmp(FloatCC::LessThan, b, a);
        self.builder.ins().select(less, b, a)
    }

    /// The greater of two doubles, the first where they are equal.
    pub(super) fn greater(&mut self, a: Value, b: Value) -> Value {
        let greater = self.builder.ins().fcmp(FloatCC::GreaterThan, b, a);
        self.builder.ins().select(greater, b, a)
    }

    /// +∞ in the place of NaN.
    pub(super) fn no_nan(&mut self, value: Value) -> Value {
        let infinity = self.builder.ins().f64const(f64::INFINITY);
        let is_nan = self.builder.ins().fcmp(FloatCC::Unordered, value, value);
        self.builder.ins().select(is_nan, infinity, value)
    }

    /// Minor units as a double of major units.
    pub(super) fn major(&mut self, minor: Value, units: i64) -> Value {
        let minor = self.builder.ins().fcvt_from_sint(F64, minor);
        let units = self.builder.ins().f64const(units as f64);
        let quotient = self.builder.ins().fdiv(minor, units);
        self.no_nan(quotient)
    }

    pub(super) fn round(&mut self, value: Value) -> Value {
        let rounded = self.builder.ins().nearest(value);
        self.builder.ins().fcvt_to_sint_sat(I64, rounded)
    }

    /// A quotient of doubles, unknown where the divisor is zero.
    pub(super) fn divide(
        &mut self,
        a: Value,
        b: Value,
        finish: impl Fn(&mut Self, Value) -> Value,
    ) -> Computed {
        let zero = self.builder.ins().f64const(0.0);
        let known = self.builder.ins().fcmp(FloatCC::NotEqual, b, zero);
        let quotient = self.builder.ins().fdiv(a, b);
        let quotient = self.no_nan(quotient);
        let result = finish(self, quotient);
        let unknown = match self.builder.func.dfg.value_type(result) {
            F64 => zero,
            _ => self.builder.ins().iconst(I64, 0),
        };
        Computed { value: self.builder.ins().select(known, result, unknown), known: Some(known) }
    }

    /// The first, unless the second compares so with it.
    pub(super) fn first_unless(&mut self, condition: IntCC, a: Value, b: Value) -> Value {
        let second = self.builder.ins().icmp(condition, b, a);
        self.builder.ins().select(second, b, a)
    }

    pub(super) fn saturating_add(&mut self, a: Value, b: Value) -> Value {
        let sum = self.builder.ins().iadd(a, b);
        // It overflows where both have one sign and the sum the other.
        let differs_from_a = self.builder.ins().bxor(sum, a);
        let differs_from_b = self.builder.ins().bxor(sum, b);
        let overflow = self.builder.ins().band(differs_from_a, differs_from_b);
        self.saturate(sum, overflow, a)
    }

    pub(super) fn saturating_subtract(&mut self, a: Value, b: Value) -> Value {
        let difference = self.builder.ins().isub(a, b);
        let operands_differ = self.builder.ins().bxor(a, b);
        let differs_from_a = self.builder.ins().bxor(difference, a);
        let overflow = self.builder.ins().band(operands_differ, differs_from_a);
        self.saturate(difference, overflow, a)
    }

    /// The result, or where the overflow is negative the limit on the side of `sign`.
    fn saturate(&mut self, result: Value, overflow: Value, sign: Value) -> Value {
        let limit = self.limit(sign);
        let overflows = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, overflow, 0);
        self.builder.ins().select(overflows, limit, result)
    }

    /// The greatest integer, or where the sign is negative the least one.
    fn limit(&mut self, sign: Value) -> Value {
        let ones = self.builder.ins().sshr_imm_u(sign, 63);
        let greatest = self.builder.ins().iconst(I64, i64::MAX);
        self.builder.ins().bxor(ones, greatest)
    }

    pub(super) fn saturating_multiply(&mut self, a: Value, b: Value) -> Value {
        let low = self.builder.ins().imul(a, b);
        let high = self.builder.ins().smulhi(a, b);
        let sign_of_low = self.builder.ins().sshr_imm_u(low, 63);
        let overflows = self.builder.ins().icmp(IntCC::NotEqual, high, sign_of_low);
        let sign = self.builder.ins().bxor(a, b);
        let limit = self.limit(sign);
        self.builder.ins().select(overflows, limit, low)
    }

    pub(super) fn saturating_negate(&mut self, a: Value) -> Value {
        let least = self.builder.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
        let greatest = self.builder.ins().iconst(I64, i64::MAX);
        let negated = self.builder.ins().ineg(a);
        self.builder.ins().select(least, greatest, negated)
    }
}
