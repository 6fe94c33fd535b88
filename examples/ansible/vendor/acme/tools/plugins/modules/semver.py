#!/usr/bin/python
"""Splits a version number."""

DOCUMENTATION = """
module: semver
short_description: Splits a version number
description: [Fails where the text is no version.]
author: [the heal authors]
options:
  version: {description: The version., type: str, required: true}
"""

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec={"version": {"type": "str", "required": True}}, supports_check_mode=True)
    parts = module.params["version"].split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        module.fail_json(msg=f"{module.params['version']} is not a version")
    module.exit_json(changed=False, major=int(parts[0]), minor=int(parts[1]), patch=int(parts[2]))


if __name__ == "__main__":
    main()
