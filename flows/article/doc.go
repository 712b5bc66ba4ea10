// Package article is the built-in flow that writes a short article: it plans an
// outline, writes a draft, has it reviewed, and revises it while the review
// turns it down.
//
// [Flow] is the flow, [Input] what it takes and [Output] what it gives. The
// steps are outline, draft, review and, for each revision, revise and another
// review (review#2, ...). An article that is approved at once takes three model
// calls. With Drafts above 1 so many drafts are written and reviewed side by side
// (drafts[i]/draft, drafts[i]/review), and the one with the best review goes on.
//
//	h, err := pawl.Start(ctx, engine, article.Flow, article.Input{Topic: "Tides", MaxRevisions: 1}, nil)
//	...
//	out, err := h.Result(ctx)
//	fmt.Println(out.Markdown())
//
// What is checked:
//
//   - An outline has a title and 3 to 5 sections with short names.
//   - A draft, revised or not, has 250 to 400 words, Markdown headings and a
//     conclusion.
//   - A review's score lies between 0 and 1, and one that does not approve names
//     an issue.
//
// When the revisions are used up the flow still ends well, with the last draft:
// FinalReview.Approved says whether it was approved, and a note says so too.
//
// With Approve the step publish puts the title and the text before a person. Their
// edits are the output. Who rejects it with the reason drop ends the run, with
// revise has it revised and reviewed once more with the comment as an issue, and
// is asked again as publish#2; turned down then, it is dropped.
package article
