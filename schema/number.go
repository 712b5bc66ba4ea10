package schema

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// decimal is a number taken apart: 0.digits × 10^point, without leading or
// trailing zeros. Zero has no digits. Comparing decimals is exact and cheap
// however large the exponent is; big.Rat would write out a billion digits.
type decimal struct {
	negative bool
	digits   string
	point    int
	clamped  bool // the exponent was too large to hold
}

// maxExponent is where exponents stop to be told apart.
const maxExponent = 1 << 40

// readDecimal takes a JSON number apart. The literal must be valid.
func readDecimal(literal string) decimal {
	var d decimal
	literal, d.negative = strings.CutPrefix(literal, "-")
	exponent := 0
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		var err error
		exponent, err = strconv.Atoi(strings.TrimPrefix(literal[i+1:], "+"))
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			d.clamped = true
			exponent = maxExponent
			if literal[i+1] == '-' {
				exponent = -maxExponent
			}
		}
		literal = literal[:i]
	}
	whole, fraction, _ := strings.Cut(literal, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	d.point = exponent + len(whole) - (len(whole) + len(fraction) - len(digits))
	d.digits = strings.TrimRight(digits, "0")
	if d.digits == "" {
		return decimal{}
	}
	return d
}

// isInteger reports whether the number has no fraction.
func (d decimal) isInteger() bool { return d.digits == "" || d.point >= len(d.digits) }

// compare returns -1, 0 or 1.
func (d decimal) compare(e decimal) int {
	switch {
	case d.sign() != e.sign():
		return cmp.Compare(d.sign(), e.sign())
	case d.digits == "":
		return 0
	}
	// Digits have no trailing zeros, so comparing them as text is right once
	// the points agree.
	magnitude := cmp.Or(cmp.Compare(d.point, e.point), strings.Compare(d.digits, e.digits))
	return magnitude * d.sign()
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// plain returns an integer written out. The caller has bounded its size.
func (d decimal) plain() string {
	if d.digits == "" {
		return "0"
	}
	return d.minus() + d.digits + strings.Repeat("0", d.point-len(d.digits))
}

func (d decimal) minus() string {
	if d.negative {
		return "-"
	}
	return ""
}

// canonicalNumber returns the one spelling of a number: an integer literal as
// it stands, everything else as encoding/json would write the float, but with
// all its digits.
func canonicalNumber(literal string) string {
	d := readDecimal(literal)
	switch {
	case d.digits == "":
		return "0"
	case d.clamped || !strings.ContainsAny(literal, ".eE"):
		return literal
	case d.isInteger() && d.point <= 21:
		return d.plain()
	case d.point > 0 && d.point <= 21:
		return d.minus() + d.digits[:d.point] + "." + d.digits[d.point:]
	case d.point <= 0 && d.point > -6:
		return d.minus() + "0." + strings.Repeat("0", -d.point) + d.digits
	}
	mantissa := d.minus() + d.digits[:1]
	if len(d.digits) > 1 {
		mantissa += "." + d.digits[1:]
	}
	exponent := strconv.Itoa(d.point - 1)
	if d.point > 0 {
		exponent = "+" + exponent
	}
	return mantissa + "e" + exponent
}

// isFinite reports whether a JSON number fits 64 bits, if not with all its digits.
func isFinite(literal string) bool {
	f, _ := strconv.ParseFloat(literal, 64)
	return !math.IsInf(f, 0)
}
