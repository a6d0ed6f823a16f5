"""The pages about the program: settings, policies, logins, the library, and the check of the installation."""
