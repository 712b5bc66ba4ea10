package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// pricesFile is the file of a user's prices in the data directory.
const pricesFile = "prices.json"

// prices are a user's prices above those that come with the program.
func (a *app) prices() (llm.Prices, error) {
	own, _, _, err := a.ownPrices()
	if err != nil {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: "prices: " + err.Error(), Hint: "correct the file; " + a.command("help", "models") + " says how it is written", Err: err}
	}
	return llm.DefaultPrices().With(own), nil
}

// ownPrices reads the user's prices: of $PAWL_PRICES, else of the data directory
// if they are there. from says which; an empty path: there are none.
func (a *app) ownPrices() (own llm.Prices, path, from string, err error) {
	path, from = a.getenv("PAWL_PRICES"), "PAWL_PRICES"
	if path == "" {
		dir, err := a.dataDir()
		if err != nil {
			return nil, "", "", err
		}
		path, from = filepath.Join(dir, pricesFile), "the data directory"
		if _, err := os.Stat(path); err != nil {
			return nil, "", "", nil // and a directory that is none will be found by who opens it
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, path, from, fmt.Errorf("%s, from %s: %w", path, from, form.Cause(err))
	}
	own, err = llm.ParsePrices(data, path)
	return own, path, from, err
}

// prices looks at what calls cost by.
func (d *doctor) prices() {
	const check = "prices"
	builtin := term.Count(int64(len(llm.DefaultPrices())), "price")
	own, path, from, err := d.ownPrices()
	switch {
	case err != nil:
		d.add(check, broken, "correct the file; "+d.command("help", "models")+" says how it is written", "%v", err)
		return
	case path == "":
		d.ok(check, "%s built in", builtin)
		return
	}
	var strange []string
	for name := range own {
		if provider, _ := llm.Split(name); d.models()[provider] == nil {
			strange = append(strange, name)
		}
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		d.add(check, doubt, "providers are "+strings.Join(d.models().Providers(), ", "), "%s: no provider of %s", path, strings.Join(strange, ", "))
		return
	}
	d.ok(check, "%s, from %s: %s, above %s built in", path, from, term.Count(int64(len(own)), "price"), builtin)
}
