// Package prompt reads prompt files and checks their templates against the Go type
// that fills them.
//
// [Parse] takes the text of a file apart: a header of settings, the line "---", a
// system part that is sent as it is, and a user part that is a text/template.
// Before anything is sent it refuses a template that names a field that the data
// does not have, or leaves one out that it has. A [File] is then filled with data,
// as often as one likes, and gives the messages for a model.
//
//	file, err := prompt.Parse(text, reflect.TypeFor[Topic]())
//	messages, err := file.Fill(reflect.ValueOf(Topic{"tides"}))
//
// The package knows files and templates alone. Which answer is wanted, and what a
// run makes of the settings, is the affair of package pawl.
package prompt
