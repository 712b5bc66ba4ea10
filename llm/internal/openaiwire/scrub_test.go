package openaiwire

import "testing"

func TestScrub(t *testing.T) {
	const key = "sk-proj-abcdefghijklmnop-9XYZ"
	for _, tt := range []struct{ name, key, in, want string }{
		{"whole", key, "key " + key + " is wrong", "key [api key] is wrong"},
		{"twice", key, key + key, "[api key][api key]"},
		{"masked middle", key, "provided: sk-proj-*****9XYZ.", "provided: [api key]."},
		{"masked end", key, "provided: sk-pr*** here", "provided: [api key] here"},
		{"masked start", key, "provided: ********9XYZ, twice ***9XYZ", "provided: [api key], twice [api key]"},
		{"stars of another kind", key, "this is **important** and *this*", "this is **important** and *this*"},
		{"only stars", key, "password: ******", "password: ******"},
		{"stars at the ends", key, "**a** **", "**a** **"},
		{"placeholder", "ollama", "ollama says no", "ollama says no"},
		{"no key", "", "text", "text"},
		{"no text", key, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &Endpoint{key: tt.key}
			if got := e.scrub(tt.in); got != tt.want {
				t.Errorf("scrub(%q) = %q, wants %q", tt.in, got, tt.want)
			}
		})
	}
}
