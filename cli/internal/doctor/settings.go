package doctor

import (
	"errors"
	"net/url"

	"github.com/pawlrun/pawl/llm"
)

// CheckSettings looks at the providers' keys and addresses without a call; online says
// that they are asked then. Of other settings nothing can be told.
func (r *Report) CheckSettings(online bool) {
	for _, p := range r.Providers {
		addresses := true
		for _, s := range p.Settings {
			value := r.Getenv(s.Name)
			addresses = addresses && (!s.Address || value == "" || publicAddress(value) != "")
		}
		for _, s := range p.Settings {
			switch value := r.Getenv(s.Name); {
			case value == "":
				r.noteAbsent(p, s)
			case s.Address:
				r.checkAddress(s, value, online)
			case s.Secret:
				r.checkSecret(p, s, addresses, online)
			case s.Required:
				r.AddOK(s.Name, "is set")
			}
		}
	}
}

func (r *Report) noteAbsent(p llm.Provider, s llm.Setting) {
	switch {
	case s.Required:
		r.add(s.Name, Warn, "set it to ask "+p.Name+"; "+r.Command("help", "models")+" says more", "is not set")
	case s.Default != "":
		r.AddOK(s.Name, "is not set: %s", s.Default)
	}
}

func (r *Report) checkAddress(s llm.Setting, value string, online bool) {
	shown := publicAddress(value)
	if shown == "" {
		r.add(s.Name, Fail, "set it to an address such as http://localhost:11434/v1", "%s is not an http or https address", s.Name)
		return
	}
	r.AddOK(s.Name, "%s%s", shown, r.unasked(online))
}

// checkSecret says whether a key could be one, as far as wrong addresses do not
// hide that. Nothing of it is shown.
func (r *Report) checkSecret(p llm.Provider, s llm.Setting, addresses, online bool) {
	if err := p.Check(r.Getenv); addresses && err != nil {
		r.addModelError(s.Name, err)
		return
	}
	r.AddOK(s.Name, "is set%s", r.unasked(online))
}

// unasked says of a setting that nobody has found out whether it works.
func (r *Report) unasked(online bool) string {
	if online {
		return ""
	}
	return ", not asked (" + r.Command("doctor", "--online") + " asks)"
}

// publicAddress returns an http or https address without user and query, which may
// be secrets; empty: it is none.
func publicAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// addModelError notes an error of a provider with its hint.
func (r *Report) addModelError(check string, err error) {
	e := &llm.Error{Message: err.Error()}
	errors.As(err, &e)
	r.add(check, Fail, e.Hint, "%s", e.Message)
}
