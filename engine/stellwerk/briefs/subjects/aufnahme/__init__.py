"""The brief "Landesaufnahme über die Zeit"."""
