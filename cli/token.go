package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/tokens"
	"github.com/pawlrun/pawl/server"
)

// adding is a token that is to be made.
type adding struct {
	tokens.Token
	run     string
	expires string
}

// tokenCommand is `token`, with a command for each thing that is done with tokens.
func (a *app) tokenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Say who may ask the server",
		Long: "Say who may ask the server that `serve` starts: each has a token, sent as\n" +
			"Authorization: Bearer TOKEN, and its name is recorded with what they start and decide.\n" +
			"The data directory keeps no token, only what it is known by.",
		Example: a.example("token", "add", "ci", "--role", "operator") + "\n" + a.example("token", "list"),
	}
	var o adding
	add := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a token, and print it: once",
		Long: "Make a token and print it. It is printed once, and kept nowhere. A viewer looks at\n" +
			"everything, a starter also starts runs, and an operator also decides, steers, imports,\n" +
			"removes and sets limits.\n" +
			"With --run and --step it is for that question alone: to see it, and to decide on it.",
		Example: a.example("token", "add", "ci", "--role", "operator", "--expires", "90d") + "\n" + a.example("token", "add", "editor", "--run", "3f2a", "--step", "publish"),
		Args:    oneName,
		RunE:    func(c *cobra.Command, args []string) error { o.Name = args[0]; return a.addToken(c.Context(), o) },
	}
	flags := add.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.Role, "role", string(server.RoleViewer), "what it may do: `ROLE` viewer, starter or operator")
	flags.StringVar(&o.run, "run", "", "with --step: decide in this `RUN` alone")
	flags.StringVar((*string)(&o.Step), "step", "", "with --run: decide on the step `KEY` alone")
	flags.StringVar(&o.expires, "expires", "", "count until this `TIME`: an age as in 12h or 90d, or a date; empty: for ever")
	list := &cobra.Command{Use: "list", Short: "List who has a token", Example: a.example("token", "list", "--json"), Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return a.listTokens() }}
	remove := &cobra.Command{Use: "remove NAME", Short: "Have a token count no more, at once", Example: a.example("token", "remove", "ci"), Args: oneName,
		RunE: func(_ *cobra.Command, args []string) error { return a.removeToken(args[0]) }}
	remove.ValidArgsFunction = a.completeTokens
	add.ValidArgsFunction = cobra.NoFileCompletions
	return above(c, "tokens", add, list, remove)
}

func oneName(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return badInput("wants one NAME, got %d", len(args))
	}
	return nil
}

func (a *app) tokenFile() (*tokens.File, error) {
	dir, err := a.dataDir()
	return tokens.Open(dir), err
}

func (a *app) addToken(ctx context.Context, o adding) error {
	if err := a.checkToken(&o); err != nil {
		return err
	}
	if o.run != "" {
		s, err := a.openToRead(ctx)
		if err != nil {
			return err
		}
		run, err := a.findSurely(ctx, s, o.run)
		if err := closing(ctx, s, err); err != nil {
			return err
		}
		o.Run, o.Role = run.ID, string(server.RoleBlocker)
	}
	file, err := a.tokenFile()
	if err != nil {
		return err
	}
	secret, err := file.Add(&o.Token)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(struct {
			shownToken
			Token string `json:"token"`
		}{shown(o.Token), secret})
	}
	if !a.quiet {
		a.say("%s may now ask the server, as %s; the token is not shown again:", term.Plain(o.Name), what(o.Token))
	}
	fmt.Fprintln(a.out, secret)
	return nil
}

// checkToken refuses what does not say clearly who may do what.
func (a *app) checkToken(o *adding) error {
	switch role := server.Role(o.Role); {
	case strings.TrimSpace(o.Name) != o.Name || o.Name == "" || len(o.Name) > limits.NameBytes || term.Plain(o.Name) != o.Name:
		return badInput("NAME is %q, wants 1 to %d bytes of a name as it is shown to people", o.Name, limits.NameBytes)
	case role != server.RoleViewer && role != server.RoleStarter && role != server.RoleOperator:
		return badInput("--role is %q, wants viewer, starter or operator", o.Role)
	case (o.run == "") != (o.Step == ""):
		return badInput("--run and --step belong together: they say which question the token is for")
	}
	if o.expires == "" {
		return nil
	}
	then, ok := a.expiry(o.expires)
	if !ok || !then.After(a.now()) {
		return badInput("--expires is %q, wants a time to come: an age as in 12h or 90d, a date, or a time as in 2030-01-31T12:00:00Z", o.expires)
	}
	at := pawl.At(then)
	o.ExpiresAt = &at
	return nil
}

// expiry reads when a token expires: at a point in time, or at an age that it comes to.
func (a *app) expiry(text string) (time.Time, bool) {
	now := a.now()
	later := func() time.Time { return now.Add(time.Hour) }
	var then, other time.Time
	if (sinceFlag{&then, func() time.Time { return now }, a.zone}).Set(text) != nil || (sinceFlag{&other, later, a.zone}).Set(text) != nil {
		return then, false
	}
	if other.Equal(then) { // whenever it is said
		return then, true
	}
	return now.Add(now.Sub(then)), true
}

// shownToken is a token as `token list --json` shows it.
type shownToken struct {
	Name      string     `json:"name"`       // recorded with what they do
	Role      string     `json:"role"`       // viewer, starter, operator, or blocker for who decides on one question
	Run       pawl.RunID `json:"run"`        // that it is for alone; empty: all
	Step      pawl.Key   `json:"step"`       // that it is for alone; empty: all
	CreatedAt pawl.Time  `json:"created_at"` // when it was made
	ExpiresAt *pawl.Time `json:"expires_at"` // null: never
}

func shown(t tokens.Token) shownToken {
	return shownToken{t.Name, t.Role, t.Run, t.Step, t.CreatedAt, t.ExpiresAt}
}

// what says what a token is good for.
func what(t tokens.Token) string {
	if t.Run != "" {
		return fmt.Sprintf("one who decides on step %s of run %s", term.Plain(string(t.Step)), t.Run)
	}
	return t.Role
}

func (a *app) listTokens() error {
	file, err := a.tokenFile()
	if err != nil {
		return err
	}
	all, err := file.List()
	if err != nil {
		return err
	}
	docs, rows := []shownToken{}, [][]string{{"NAME", "ROLE", "FOR", "MADE", "EXPIRES"}}
	for _, t := range all {
		docs = append(docs, shown(t))
		expires, of := "", "everything"
		switch {
		case t.Expired(a.now()):
			expires = "has expired"
		case t.ExpiresAt != nil:
			expires = t.ExpiresAt.In(a.zone).Format(time.DateTime)
		}
		if t.Run != "" {
			of = string(t.Run) + " " + string(t.Step)
		}
		rows = append(rows, []string{term.Plain(t.Name), t.Role, term.Plain(of), term.Ago(a.now().Sub(t.CreatedAt.Time)) + " ago", expires})
	}
	switch {
	case a.json:
		return a.printJSON(docs)
	case a.quiet:
		for _, t := range all {
			fmt.Fprintln(a.out, term.Plain(t.Name))
		}
	case len(all) == 0:
		fmt.Fprintln(a.err, "nobody has a token; make one: "+a.command("token", "add", "NAME"))
	default:
		a.table(rows)
	}
	return nil
}

func (a *app) removeToken(name string) error {
	file, err := a.tokenFile()
	if err != nil {
		return err
	}
	if err := file.Remove(name); err != nil {
		return err
	}
	if !a.quiet && !a.json {
		a.say("the token of %s counts no more", term.Plain(name))
	}
	return nil
}

func (a *app) completeTokens(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if file, err := a.tokenFile(); err == nil {
		all, _ := file.List() // without them there is nothing to complete
		for _, t := range all {
			names = append(names, t.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
