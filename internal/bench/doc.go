// Package bench measures what the README promises. It has no code, only
// benchmarks (make bench), and each holds one number on the real thing: the
// real services on real databases, the real binary, a real browser.
//
// What always holds: a limit is a ratio of two things measured in the same run
// and in turns, so that a slow or busy machine slows both; passing it fails the
// run. Numbers of one machine alone (start, memory, size) are printed beside
// the aim and fail nothing. The run ends with one table of them all, which
// docs/BENCHMARKS.md keeps.
package bench
