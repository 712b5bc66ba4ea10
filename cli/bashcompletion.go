package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// printBash prints cobra's script, with a function of its own that finds the words
// on the line where the package bash-completion does not.
func (a *app) printBash(root *cobra.Command) error {
	if err := root.GenBashCompletionV2(a.out, true); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, bashWords, root.Name())
	return err
}

// bashWords replaces the function of that name in cobra's script, which calls one
// of the package's. bash ends words at = and : too, so that words are joined again
// where no blank stood between them. It is for bash 3.2 and later.
const bashWords = `
__%[1]s_init_completion()
{
    COMPREPLY=()
    if declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
        _get_comp_words_by_ref "$@" cur prev words cword
        return
    fi
    local rest=$COMP_LINE part glued over breaks='^[=:]+$' i n=-1
    words=() cur='' prev='' cword=0
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        part=${COMP_WORDS[i]} glued=$((i > 0))
        while [[ $rest == [[:space:]]* ]]; do
            rest=${rest:1} glued=0
        done
        if ((glued)) && [[ $part =~ $breaks || ${COMP_WORDS[i-1]} =~ $breaks ]]; then
            words[n]+=$part
        else
            n=$((n + 1))
            words[n]=$part
        fi
        if ((i == COMP_CWORD)); then
            cword=$n cur=${words[n]}
            over=$((${#COMP_LINE} - ${#rest} + ${#part} - COMP_POINT))
            if ((over > 0 && over <= ${#cur})); then
                cur=${cur:0:${#cur}-over}
            fi
        fi
        rest=${rest:${#part}}
    done
    if ((cword > 0)); then
        prev=${words[cword-1]}
    fi
}
`
