package complaint

import "fmt"

// offerFor is what the house offers. A model has no part in it.
func offerFor(c Category, s Summary) string {
	switch {
	case c == Defect && s.Euros > 100:
		return "a repair, free of charge"
	case c == Defect:
		return "a new one"
	case c == Delivery && s.Days > 14:
		return "the money back"
	case c == Delivery:
		return "delivery by express"
	case c == Billing:
		return "a corrected invoice"
	case c == Service:
		return "a voucher over 10 euros"
	default:
		return "a call from customer care"
	}
}

const mayGo = 500 // euros up to which an answer may go out unseen

// whyToLook says, in sentences, why a person must see an answer before it goes out; none:
// nobody must.
func whyToLook(s Summary, risk Risk, check Check) (why []string) {
	if risk.Level == High {
		why = append(why, "The risk of escalation is high: "+risk.Reason)
	}
	if !check.Tone || !check.Policy {
		why = append(why, check.Issues...)
	}
	if s.Euros > mayGo {
		why = append(why, fmt.Sprintf("%.2f euros are at stake, more than %d.", s.Euros, mayGo))
	}
	return why
}
