"""Texts as scripts make them in Karmada: each answer is Go's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmactl.core.model.manifest import JSONValue
from karmactl.lua.go_text import epoch_of, format_text, number_text
from karmactl.lua.sandbox import Sandbox

_SANDBOX = Sandbox(now=lambda: 1700000000.9)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("string.format('%g',123456789)", "1.23456789e+08"),
        ("string.format('%g',1000000)", "1e+06"),
        ("string.format('%g',999999)", "999999"),
        ("string.format('%g',1234567.5)", "1.2345675e+06"),
        ("string.format('%g',0.00001234)", "1.234e-05"),
        ("string.format('%G',1e30)", "1E+30"),
        ("string.format('%g',0)", "0"),
        ("string.format('%g',100)", "100"),
        ("string.format('%.3g',123456)", "1.23e+05"),
        ("string.format('%.3g',0.000012345)", "1.23e-05"),
        ("string.format('%.10g',1/3)", "0.3333333333"),
        ("string.format('%.14g',1e5)", "100000"),
        ("tostring(1234567.5)", "1.2345675e+06"),
        ("tostring(0.00001)", "1e-05"),
        ("tostring(0.0001)", "0.0001"),
        ("tostring(123456.5)", "123456.5"),
        ("tostring(999999.5)", "999999.5"),
        ("tostring(-1234567.5)", "-1.2345675e+06"),
        ("tostring(1e21)", "1e+21"),
        ("tostring(2^63)", "9.223372036854776e+18"),
        ("tostring(-2^63)", "-9223372036854775808"),
        ("tostring(1e-10)", "1e-10"),
        ("tostring(5e-324)", "5e-324"),
        ("string.format('%05d',-42)", "-0042"),
        ("string.format('%+.2f',3.14159)", "+3.14"),
        ("string.format('%-8s]','ab')", "ab      ]"),
        ("string.format('%8s]','ab')", "      ab]"),
        ("string.format('%08s]','ab')", "000000ab]"),
        ("string.format('%.2s]','abc')", "ab]"),
        ("string.format('%5s]',nil)", "  nil]"),
        ("string.format('%5s]',true)", " true]"),
        ("string.format('%d',true)", "%!d(lua.LBool=true)"),
        ("string.format('%d',nil)", "&{}"),
        ("string.format('%t',true)", "true"),
        ("string.format('%v',1.5)", "1.5"),
        ("string.format('%v','x')", "x"),
        ("string.format('%v',true)", "true"),
        ("string.format('%x','abc')", "616263"),
        ("string.format('%X',3735928559)", "DEADBEEF"),
        ("string.format('%#x',255)", "0xff"),
        ("string.format('%c','abc')", "%!c(string=abc)"),
        ("string.format('%f','abc')", "%!f(string=abc)"),
        ("string.format('%d','3.7')", "3.7"),
        ("string.format('%d',' 4 ')", " 4 "),
        ("string.format('%i','5')", "5"),
        ("string.format('%d','0x10')", "0x10"),
        ("string.format('%5d]','7')", "    7]"),
        ("string.format('%q','tab\\tq')", '"tab\\tq"'),
        ("string.format('%q','é')", '"é"'),
        ("string.format('%q','\\1')", '"\\x01"'),
        ("string.format('%q',5)", '"5"'),
        ("string.format('%s%%',50)", "50%"),
        ("string.format('100%%')", "100%"),
        ("string.format('100%% %s','a')", "100% a"),
        ("string.format('%s','a','b')", "a"),
        ("string.format('%% %s','a','b')", "% a%!(EXTRA lua.LString=b)"),
        ("string.format('%')", "%!(NOVERB)"),
        ("string.format('a%')", "a%!(NOVERB)"),
        ("string.format('%y',1)", "%!y(int64=1)"),
        ("string.format('%f',2)", "2.000000"),
        ("string.format('%.0f',2.5)", "2"),
        ("string.format('%e',0)", "0.000000e+00"),
        ("string.format('%E',12345.678)", "1.234568E+04"),
        ("string.format('%s %d %s','a',1)", "a 1 %!s(MISSING)"),
        ("string.format('%s',12345678)", "12345678"),
        ("string.format('%s',0.1)", "0.1"),
        ("string.format('%s',-0.5)", "-0.5"),
        ("string.format('%s',1e100)", "1e+100"),
        ("string.format('%d',-7.9)", "-7"),
        ("string.format('%x',255.7)", "ff"),
        ("string.format('%o',8)", "10"),
        ("string.format('%b',5)", "101"),
        ("string.format('%c',65)", "A"),
        ("string.format('%c',233)", "é"),
        ("string.format('%s','é')", "é"),
        ("string.format('%4s]','é')", "   é]"),
        ("string.format('%.1s]','éa')", "é]"),
        ("string.format('%5.1f]',2.25)", "  2.2]"),
        ("string.format('%10.3e]',1234.5)", " 1.234e+03]"),
        ("string.format('%s',0/0)", "NaN"),
        ("string.format('%5s]',12)", "   12]"),
        ("string.format('%-5d]',12)", "12   ]"),
        ("string.format('% d',5)", " 5"),
        ("string.format('%+d',-5)", "-5"),
        ("string.format('%s')", "%!s(MISSING)"),
        ("string.format('%d %d',1)", "1 %!d(MISSING)"),
        ("string.format('%')", "%!(NOVERB)"),
        ("string.format(5)", "5"),
        ("string.format('%s',{} ~= nil)", "true"),
        ("string.format('%.3d',7)", "007"),
        ("string.format('%s:%s','a',nil)", "a:nil"),
        ("string.format('%u',5.5)", "%!u(float64=5.5)"),
        ("string.format('%g',2.5)", "2.5"),
        ("string.format('%g',100000)", "100000"),
        ("string.format('%g',1e15)", "1e+15"),
        ("string.format('%g',123456.789)", "123456.789"),
        ("tonumber('1e3')", None),
        ("tonumber('1.5e3')", 1500),
        ("tonumber('+5')", 5),
        ("tonumber('-0x1f')", None),
        ("tonumber('0X1F')", 31),
        ("tonumber('9223372036854775808')", None),
        ("tonumber('1.')", 1),
        ("tonumber('.')", None),
        ("tonumber('1..2')", None),
        ("tonumber(' 5\\n')", 5),
        ("tonumber('5\\r')", None),
        ("tonumber('')", None),
        ("tonumber('0x')", None),
        ("tonumber('1_0')", None),
        ("tonumber('inf.')", None),
        ("tonumber('-5.5')", -5.5),
        ("tonumber('1e')", None),
        ("tonumber('0x1.8')", None),
        ("tonumber('١')", None),
        ("tonumber(nil)", None),
        ("tonumber({})", None),
        ("tonumber('10',2)", 2),
        ("tonumber('z',36)", 35),
        ("tonumber('Z',36)", 35),
        ("tonumber('8',8)", None),
        ("tonumber('-11',2)", -3),
        ("tonumber('1.5',10)", 1.5),
        ("tonumber(5,10)", 5),
        ("tonumber('00012')", 12),
        ("tonumber('1,000')", None),
        ("tonumber('5Gi')", None),
        ("tonumber('0b1')", None),
        ("tonumber('0o7')", None),
        ("os.date('!%Y-%m-%dT%H:%M:%SZ',1700000000)", "2023-11-14T22:13:20Z"),
        ("os.date('%c',1700000000)", "14 Nov 23 22:13 UTC"),
        ("os.date('%x',1700003661)", "23/14/21"),
        ("os.date('%X',1700003661)", "23:14:21"),
        ("os.date('%a %A %w',1700000000)", "mon Tuesday 2"),
        ("os.date('%I %p %P',1700000000)", "10 PM pm"),
        ("os.date('%j %U %e %D %T %R %n %t',1700000000)", "%j %U %e %D %T %R %n %t"),
        ("os.date('%%d',0)", "%d"),
        ("os.date('%z %Z',0)", "+0000 UTC"),
        ("os.date('%y %Y %m %B %b %d %F',1700000000)", "23 2023 11 November Nov 14 2023-11-14"),
        ("os.date('*t',1700000000).wday", 3),
        ("os.date('*t',1700000000).yday", 0),
        ("os.date('!*t',1700000000).hour", 22),
        ("os.date('*t',1700000000).isdst", False),
        ("os.date('%Y',1.9)", "1970"),
        ("os.date('%Y',-1)", "1969"),
        ("os.date('%',0)", "%"),
        ("os.date('abc',0)", "abc"),
        ("os.date('!!%Y',0)", "1970"),
        ("os.date('%Y-%',0)", "1970-%"),
        ("os.date('%q',0)", "%q"),
        ("os.time{year=2026,month=3,day=4,hour=0}", 1772582400),
        ("os.time{year=2026,month=3,day=4}", 1772625600),
        ("os.time{year=2026,month=13,day=1,hour=0}", 1798761600),
        ("os.time{year=2026,month=0,day=1,hour=0}", 1764547200),
        ("os.time{year=2026,month=2,day=30,hour=25,min=61,sec=61}", 1772503321),
        ("os.time{}", -62204155200),
        ("os.time{year=1970,month=1,day=1,hour=0,sec=-1}", -1),
        ("os.time{year='2026',month=1,day=1}", -62198712000),
        ("os.time{year=2026.9,month=1,day=1,hour=0}", 1767225600),
        ("os.time{year=2026,month=-1,day=-5,hour=0}", 1761436800),
        ("('héLLo'):upper()", "HÉLLO"),
        ("('straße'):upper()", "STRAßE"),
        ("('ŉ'):upper()", "ŉ"),
        ("('ǆ'):upper()", "Ǆ"),
        ("('ﬁ'):upper()", "ﬁ"),
        ("('abc'):find('')", 1),
        ("('abc'):find('',2)", 1),
        ("('abc'):find('b',1,true)", 2),
        ("('a.c'):find('.',1,true)", 2),
        ("math.mod(7,3)", 1),
        ("math.mod(-7,3)", 2),
        ("table.concat({1e15,'a',0.5},'-')", "1000000000000000-a-0.5"),
        ("table.concat({1,2,3},', ',2,3)", "2, 3"),
        ("table.concat({})", ""),
        ("table.concat({1,2},',',3)", ""),
        ("table.concat({1,2,3},',',1,5)", "1,2,3"),
    ],
)
def test_answers_of_go(expression: str, answer: JSONValue) -> None:
    (result,) = _SANDBOX.call(f"function F() return {expression} end", "s", "F", (), 1)
    assert result.value == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        (r"'\200'", "\ufffd"),
        (r"'\226\130'", "\ufffd\ufffd"),
        (r"'\226\130\172'", "\u20ac"),
        ("obj:sub(1, 1)", "\ufffd"),
        ("#obj", 4),
        ("obj:upper()", "\u00c9\u20ac".replace("\u20ac", "\u00df")),
        ("obj", "\u00e9\u00df"),
    ],
)
def test_bytes_that_are_no_text_are_replaced_one_by_one(expression: str, answer: JSONValue) -> None:
    (result,) = _SANDBOX.call(f"function F(obj) return {expression} end", "s", "F", ("\u00e9\u00df",), 1)
    assert result.value == answer


def test_the_time_is_the_hosts() -> None:
    (now,) = _SANDBOX.call("function F() return os.time() end", "s", "F", (), 1)
    (day,) = _SANDBOX.call("function F() return os.date('!%Y-%m-%d') end", "s", "F", (), 1)
    assert (now.value, day.value) == (1700000000, "2023-11-14")


def test_a_field_may_not_be_wider_than_a_million() -> None:
    with pytest.raises(ValueError, match="too long"):
        format_text("%1000001d", [1])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back(number: float) -> None:
    assert float(number_text(number)) == number


@given(st.integers(1, 9999), st.integers(-50, 50), st.integers(-400, 400))
def test_months_and_days_carry_over(year: int, month: int, day: int) -> None:
    fields = {"year": year, "month": month, "day": day}
    assert epoch_of({**fields, "day": day + 1}) - epoch_of(fields) == 86400
    assert epoch_of({**fields, "month": month + 12}) == epoch_of({**fields, "year": year + 1})
