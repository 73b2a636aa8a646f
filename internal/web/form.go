package web

import (
	"net/url"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
)

// Form is what was typed and what is wrong with it, for a page shown again at
// 422. Its zero value is an empty form without errors.
type Form struct {
	Values url.Values
	Errors map[string]string // by field, in the person's language
	Fault  string            // of the whole form
}

// Get is what was typed into a field.
func (f Form) Get(name string) string { return f.Values.Get(name) }

// Has reports whether a field was sent, or is filled in beforehand.
func (f Form) Has(name string) bool { return f.Values.Has(name) }

// Error is what is wrong with a field, empty when nothing is.
func (f Form) Error(name string) string { return f.Errors[name] }

// Failed reports whether the form was refused.
func (f Form) Failed() bool { return f.Fault != "" }

// Is reports whether the field has the value, for options and radio buttons.
func (f Form) Is(name, value string) bool { return f.Values.Get(name) == value }

// refused keeps what was typed with the errors of an Invalid fault. ok is false
// for any other: the handler returns it.
func refused(r *request, err error) (f Form, ok bool) {
	if !fault.Is(err, fault.Invalid) {
		return Form{}, false
	}
	f = Form{Values: r.form(), Errors: map[string]string{}, Fault: faultText(r.lang, err)}
	for _, field := range fault.Fields(err) {
		f.Errors[field.Name] = lang.T(r.lang, field.Code, field.Args...)
	}
	return f, true
}
