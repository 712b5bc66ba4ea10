package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// shells are those that completion can be had for.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

func (a *app) completionCommand() *cobra.Command {
	program := term.Quote(a.program)
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes commands, flows and runs in a shell",
		Long: "Print a script that completes commands, flags, flows, models and runs in bash,\n" +
			"zsh, fish or powershell. Have it read at the start of the shell:\n\n" +
			"  bash        source <(" + program + " completion bash) in ~/.bashrc\n" +
			"  zsh         source <(" + program + " completion zsh) in ~/.zshrc, after compinit\n" +
			"  fish        " + program + " completion fish > ~/.config/fish/completions/" + program + ".fish\n" +
			"  powershell  " + program + " completion powershell | Out-String | Invoke-Expression in $PROFILE",
		Example:   a.example("completion", "bash"),
		ValidArgs: shells(),
		RunE: func(c *cobra.Command, args []string) error {
			list := "shells are " + strings.Join(shells(), ", ")
			if len(args) == 0 {
				return badInput("which shell? %s", list)
			}
			if len(args) > 1 {
				return badInput("unexpected argument %q; wants one shell", args[1])
			}
			switch args[0] {
			case "bash":
				return a.printBash(c.Root())
			case "zsh":
				return c.Root().GenZshCompletion(a.out)
			case "fish":
				return c.Root().GenFishCompletion(a.out, true)
			case "powershell":
				return c.Root().GenPowerShellCompletionWithDesc(a.out)
			}
			return unknown("shell", args[0], shells(), list)
		},
	}
}
