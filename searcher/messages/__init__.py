"""Messages in several languages: gettext catalogues, numbers and dates."""
