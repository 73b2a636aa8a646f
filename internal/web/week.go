package web

import "net/http"

// weekView is « Ma semaine ».
type weekView struct {
	Base
}

func (s *Server) week(r *request) error {
	b, err := s.base(r, place{menu: "/"}, "Ma semaine")
	if err != nil {
		return err
	}
	return s.render(r, http.StatusOK, "week", &weekView{Base: b})
}
