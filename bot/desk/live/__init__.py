"""What happens now, to every open desk: one hub a replica, one seat a socket."""
