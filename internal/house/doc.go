// Package house holds the rules of the house as tests: which package may
// import which, where a dependency may be used, how long a file may be, what
// may lie at the top of the tree.
//
// It has no code of its own. The rules are tables in rules_test.go; each is
// also shown a tree that breaks it, so that no rule passes by being blind.
// A rule that stands in the way is changed here, in a commit that says why.
package house
