"""Programs for developers; the app uses none of them."""
