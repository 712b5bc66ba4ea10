package pawl

import "testing"

// The name of a list is said for one item where that is sure, and no word is made up.
func TestItemsOf(t *testing.T) {
	for items, want := range map[string]string{
		"sections": "1 section", "key points": "1 key point", "titles": "1 title", "images": "1 image", "sentences": "1 sentence", "areas": "1 area", "videos": "1 video", "days": "1 day",
		"boxes": "1 item in boxes", "matches": "1 item in matches", "statuses": "1 item in statuses", "status": "1 item in status", "series": "1 item in series", "movies": "1 item in movies",
		"entries": "1 item in entries", "classes": "1 item in classes", "class": "1 item in class", "criteria": "1 item in criteria", "indices": "1 item in indices", "news": "1 item in news", "analyses": "1 item in analyses", "s": "1 item in s", "": "1 item in ",
	} {
		if got := itemsOf("1", items); got != want {
			t.Errorf("%q, wants %q", got, want)
		}
		if got := itemsOf("2", items); got != "2 "+items {
			t.Errorf("%q of %q", got, items)
		}
	}
}
