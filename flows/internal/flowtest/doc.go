// Package flowtest runs the built-in flows in tests: on a real engine and an
// in-memory journal, against a [Script] or any other model.
//
//	ran := flowtest.Run(t, article.Flow, in, flowtest.Scripted(t, flowtest.Script{
//		"outline": {outline},
//		"draft":   {tooShort, draft},
//		"review":  {approved},
//	}))
//	ran.RejectedOnlyBy("draft", "250 to 400 words")
package flowtest
