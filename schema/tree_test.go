package schema_test

import (
	"testing"

	"github.com/pawlrun/pawl/schema"
)

// A tree keeps the order of members and the digits of numbers, and says what it is made of.
func TestTree(t *testing.T) {
	tree, err := schema.ReadTree([]byte(`{"b": [1.50, 12345678901234567890], "a": "t"}`))
	if err != nil {
		t.Fatal(err)
	}
	name, list := tree.Member(0)
	if !tree.IsObject() || tree.Len() != 2 || name != "b" || !list.IsArray() || list.Len() != 2 {
		t.Fatalf("taken apart as %s", tree.JSON())
	}
	if got := list.Item(0).Scalar() + " " + list.Item(1).Scalar(); got != "1.5 12345678901234567890" {
		t.Errorf("numbers are %s", got)
	}
	_, is := tree.Member(1)
	if text, ok := is.Text(); text != "t" || !ok {
		t.Errorf("text is %q, %v", text, ok)
	}
	if got := string(tree.JSON()); got != `{"b":[1.50,12345678901234567890],"a":"t"}` {
		t.Errorf("written as %s", got)
	}
	for _, bad := range []string{"", "{", `{"a":1,"a":1}`, "[] []"} {
		if _, err := schema.ReadTree([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	var none schema.Tree
	if string(none.JSON()) != "null" || none.Len() != 0 || none.IsObject() {
		t.Error("the zero tree is not null")
	}
}
