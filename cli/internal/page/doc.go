// Package page is what a person reads about runs: records come in, text goes out.
//
// A [Page] is a report being printed: a run ([Page.Run]), its steps ([Page.Steps]),
// one step whole ([Page.Step]), a flow ([Page.Flow]), what stands in a run's way
// ([Page.Blocker]) and what a person is asked ([Page.Ask]).
//
//	p := &page.Page{Out: os.Stdout, Zone: time.Local, Begun: story.Run.CreatedAt.Time}
//	p.Run(story.Run, story.Times, true)
//	p.Steps(story.Run.Steps, story.Notes)
//
// The functions word what is said beside such a page: costs, budgets, decisions,
// why a run failed or what it waits for. [Said] keeps what of it has been said.
//
// What comes in is as it may be shown, see package view; nothing is masked here but
// where a parameter says so. Commands that lift a blocker are those in its actions.
// The package knows no engine, no journal and no command line.
package page
