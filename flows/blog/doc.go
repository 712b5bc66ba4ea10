// Package blog is the built-in flow that writes a blog post: it plans the
// sections, writes each of them, has the post reviewed as a whole, and reworks
// sections once if the review finds that they do not hang together.
//
// [Flow] is the flow, [Input] what it takes and [Output] what it gives. The
// steps are plan, sections[i]/write, review and, if its score is under the bar,
// rework[i]/write for each section that the review wants edited, and review#2.
// A post of four sections that hang together takes six model calls.
//
//	h, err := pawl.Start(ctx, engine, blog.Flow, blog.Input{Topic: "Tides", MinCohesion: 0.7}, nil)
//	...
//	out, err := h.Result(ctx)
//	fmt.Println(out.Markdown())
//
// Sections are written one after another, each with the text of those before
// it in its request; or, with Parallel, all at once, each with what the others
// are to cover.
//
// What is checked:
//
//   - A plan has 1 to 20 sections whose lengths add up to the target length
//     within 20 percent. Types may repeat.
//   - A section has 50 to 150 percent of its target length.
//   - A review's score lies between 0 and 1, its edits name sections of the
//     plan, there is at least one if the score is under the bar, and the final
//     version has at least half the words of the sections.
//
// A post that is still under the bar after the second review ends the flow
// well, with BelowBar set and a note that says so.
//
// With Approve the step publish puts the title and the text of the post before a
// person; below the bar the question says so. Their edits are the final version.
// Who rejects it with the reason drop ends the run, with revise has the final
// version revised once by their comment, in the step revise, and is asked again
// as publish#2; turned down then, it is dropped. The sections and the score stay
// those of the last review.
package blog
