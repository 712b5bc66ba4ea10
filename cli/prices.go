package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/llm"
)

// pricesFile is the file of a user's prices in the data directory.
const pricesFile = "prices.json"

// prices are a user's prices above those that come with the program.
func (a *app) prices() (llm.Prices, error) {
	own, _, _, err := a.ownPrices()
	if err != nil {
		return nil, a.badPrices(err)
	}
	return llm.DefaultPrices().With(own), nil
}

func (a *app) badPrices(err error) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: "prices: " + err.Error(), Hint: "correct the file; " + a.command("help", "models") + " says how it is written", Err: err}
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
	text, err := form.ReadFile(path)
	if err != nil {
		return nil, path, from, fmt.Errorf("%s, from %s: %w", path, from, err)
	}
	own, err = llm.ParsePrices([]byte(text), path)
	return own, path, from, err
}
