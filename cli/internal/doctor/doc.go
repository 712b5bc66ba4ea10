// Package doctor looks at what runs need, changes nothing, and says what it found.
//
// The nouns are [Report] (what was found so far), [Finding] (what one check says)
// with its [Verdict], [Data] (where the runs are kept) and [Database] (what is to be
// known of an open one).
//
//	r := doctor.New(doctor.Options{Providers: providers, Getenv: getenv, Now: time.Now, Command: command})
//	r.CheckData(ctx, data)
//	r.CheckSettings()
//	r.FindServers(ctx)
//	print(r.Findings)
//
// Each check adds one finding or more. None shows the value of a secret setting of
// a provider. It knows no engine, no provider and no kind of database by name.
package doctor
