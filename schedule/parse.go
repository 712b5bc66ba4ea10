package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
)

// field is one of the five of a cron expression.
type field struct {
	name     string
	from, to int
	names    []string // of the values from `from` on
}

var fields = [5]field{
	{name: "minute", from: 0, to: 59},
	{name: "hour", from: 0, to: 23},
	{name: "day of the month", from: 1, to: 31},
	{name: "month", from: 1, to: 12, names: []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{name: "day of the week", from: 0, to: 7, names: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// macros are words in the place of all five fields.
var macros = map[string]string{
	"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
	"@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}

// ParseCron reads a cron expression for a time zone of the IANA database, as in
// "Europe/Berlin"; empty is UTC. Errors are ErrInput and name the field.
//
// The five fields are minute, hour, day of the month, month and day of the week, as POSIX
// has them: *, a value, a range as in 1-5, a step as in */15 or 8-18/2, or several of
// those with commas between. Months and weekdays have their English names, too; Sunday is 0
// and 7. If both fields of days name some, which is that they do not begin with *, a day
// fits that fits one of them. @hourly, @daily, @weekly, @monthly and @yearly stand for
// what they say.
func ParseCron(expression, zone string) (*Cron, error) {
	loc, err := parseZone(zone)
	if err != nil {
		return nil, err
	}
	text := cmp.Or(macros[strings.ToLower(strings.TrimSpace(expression))], expression)
	words := strings.Fields(text)
	if len(words) != len(fields) {
		return nil, wrongCron(expression, fmt.Sprintf("it has %d fields, wants five: minute, hour, day of the month, month and day of the week, as in \"0 7 * * 1\"", len(words)))
	}
	c := &Cron{zone: loc}
	for i, to := range []*uint64{&c.minutes, &c.hours, &c.days, &c.months, &c.weekdays} {
		set, why := fields[i].parse(words[i])
		if why != "" {
			return nil, wrongCron(expression, fields[i].name+": "+why)
		}
		*to = set
	}
	if has(c.weekdays, 7) {
		c.weekdays |= 1
	}
	c.namesHours = words[1][0] != '*'
	c.either = words[2][0] != '*' && words[4][0] != '*'
	if c.nextWall(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, wrongCron(expression, "no month has that day")
	}
	return c, nil
}

func parseZone(name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("time zone %q is not known; wants one of the IANA database, as in Europe/Berlin, or UTC", name)}
	}
	return loc, nil
}

func wrongCron(expression, why string) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("cron expression %q: %s", expression, why)}
}

// parse reads the values of a field, and says why it cannot.
func (f field) parse(text string) (set uint64, why string) {
	for part := range strings.SplitSeq(text, ",") {
		values, why := f.parsePart(part)
		if why != "" {
			return 0, why
		}
		set |= values
	}
	return set, ""
}

func (f field) parsePart(part string) (set uint64, why string) {
	span, step, stepped := strings.Cut(part, "/")
	by := 1
	if stepped {
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 || n > f.to || strings.HasPrefix(step, "+") {
			return 0, fmt.Sprintf("step %q is none; wants a number from 1 to %d", step, f.to)
		}
		by = n
	}
	from, to := f.from, f.to
	if span != "*" {
		first, last, ranged := strings.Cut(span, "-")
		if from, why = f.parseValue(first); why != "" {
			return 0, why
		}
		switch to = from; {
		case ranged:
			if to, why = f.parseValue(last); why != "" {
				return 0, why
			}
			if to == 0 && f.names != nil && from > 0 { // FRI-SUN
				to = 7
			}
		case stepped:
			return 0, fmt.Sprintf("%q is read in two ways; write %s-%d/%d", part, first, f.to, by)
		}
		if to < from {
			return 0, fmt.Sprintf("range %q ends before it begins; write two with a comma between", span)
		}
	}
	for v := from; v <= to; v += by {
		set |= 1 << v
	}
	return set, ""
}

func (f field) parseValue(text string) (value int, why string) {
	if i := slices.Index(f.names, strings.ToLower(text)); i >= 0 {
		return f.from + i, ""
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.from || n > f.to || strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		wants := fmt.Sprintf("wants a number from %d to %d", f.from, f.to)
		if f.names != nil {
			wants += ", or " + strings.ToUpper(f.names[0]) + " to " + strings.ToUpper(f.names[len(f.names)-1])
		}
		return 0, fmt.Sprintf("%q is none; %s", text, wants)
	}
	return n, ""
}
