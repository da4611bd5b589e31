"""What an institution can set, and how it is told.

all_settings       the fields; `delivery_settings`, `export_settings`, `intake_settings`, `serve_settings` and
                   `smart_login` are sections of them
setting_kinds      how a value is written, and what is refused of it
setting_variables  names in the environment; `setting_meanings.toml` what each setting is for
settings_loader    variables and one TOML file in; all settings, or every fault at once, out
full_pass_rule     how often everybody is looked at, and within which hours that begins
protection         what of them would leave this machine unprotected
"""
