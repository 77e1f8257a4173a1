// Generated from rules/*.yaml by scripts/generate-rules.mjs. Edit those.
import type { Rule } from '../model/rule.js';

export const RULES: readonly Rule[] = [
  {
    "id": "shisho_apikey",
    "name": "Takumi bot API key",
    "prefix": "shisho_apikey_",
    "body": {
      "alphabet": "A-Za-z0-9_-",
      "min": 16,
      "max": 256
    },
    "companion": {
      "separator": ":",
      "prefix": "BT01",
      "alphabet": "A-Z0-9",
      "length": 24
    },
    "revocable": false,
    "advice": "It can issue and revoke tokens, and no endpoint can revoke it: a person must delete it at once in the console (Settings → Bots), then read the audit log for what was done with it.",
    "examples": [
      {
        "text": "TAKUMI_BOT_API_KEY=shisho_apikey_{base64url:43}",
        "why": "the key alone, as guardsweep itself takes it"
      },
      {
        "text": "Authorization: Bearer shisho_apikey_{base62:43}:BT01{upper:24}",
        "why": "the key and the bot's ID, as the API takes them"
      }
    ],
    "counterexamples": [
      {
        "text": "shisho_apikey_rotation_schedule_name",
        "why": "a setting's name"
      },
      {
        "text": "shisho_apikey_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:BT01XXXXXXXXXXXXXXXXXXXXXXXX",
        "why": "a placeholder of the pair"
      },
      {
        "text": "BT01{upper:24}",
        "why": "a bot's ID is public"
      }
    ]
  },
  {
    "id": "tg_anon",
    "name": "Takumi Guard personal token",
    "prefix": "tg_anon_",
    "body": {
      "alphabet": "A-Za-z0-9_-",
      "min": 16,
      "max": 256
    },
    "revocable": false,
    "advice": "No endpoint of the organization can revoke it: ask its owner to regenerate it in Takumi Guard.",
    "examples": [
      {
        "text": "//npm.flatt.tech/:_authToken=tg_anon_{base62:40}",
        "why": "the line that npm keeps in .npmrc"
      },
      {
        "text": "UV_INDEX_URL=https://token:tg_anon_{base64url:43}@pypi.flatt.tech/simple/",
        "why": "an index URL with user info"
      }
    ],
    "counterexamples": [
      {
        "text": "grep -E '^tg_anon_[A-Za-z0-9_-]+$'",
        "why": "a pattern for tokens"
      },
      {
        "text": "tg_anon_user_registrations_count",
        "why": "a column's name"
      },
      {
        "text": "tg_anon_xxxxxxxxxxxxxxxxxxxx",
        "why": "a placeholder"
      }
    ]
  },
  {
    "id": "tg_org",
    "name": "Takumi Guard organization user token",
    "prefix": "tg_org_",
    "body": {
      "alphabet": "A-Za-z0-9_-",
      "min": 16,
      "max": 256
    },
    "revocable": true,
    "advice": "Revoke it (guardsweep scan --probe --revoke), then issue a new one for its user.",
    "examples": [
      {
        "text": "//npm.flatt.tech/:_authToken=tg_org_{base62:40}",
        "why": "the line that npm keeps in .npmrc"
      },
      {
        "text": "npmAuthToken: \"tg_org_{base64url:43}\"",
        "why": "Yarn's .yarnrc.yml"
      },
      {
        "text": "https://token:tg_org_{hex:32}@pypi.flatt.tech/simple/",
        "why": "an index URL with user info, as pip and uv take it"
      },
      {
        "text": "curl -H \"Authorization: Bearer tg_org_{base62:36}\" https://npm.flatt.tech/",
        "why": "shell history"
      },
      {
        "text": "tg_org_{base32:16}",
        "why": "the shortest body, in the narrowest alphabet that letters dominate"
      }
    ],
    "counterexamples": [
      {
        "text": "CREATE INDEX tg_org_members_updated_at ON members (updated_at);",
        "why": "an SQL identifier"
      },
      {
        "text": "call tg_org_members_check_seat_limit()",
        "why": "a function's name"
      },
      {
        "text": "SELECT stg_org_monolith_accounting FROM staging",
        "why": "another identifier that ends in the prefix"
      },
      {
        "text": "export TG_ORG_ID=42",
        "why": "the prefix in capitals is no prefix"
      },
      {
        "text": "tg_org_xpms_atom_settings_updated_at",
        "why": "a column's name"
      },
      {
        "text": "Human_MTG_org_05072021.rds",
        "why": "a file of a data set"
      },
      {
        "text": "<a href=\"tg_org_en.htm\">",
        "why": "a page in English"
      },
      {
        "text": "{{mtg_org_member_token}}",
        "why": "a template's variable"
      },
      {
        "text": "TOKEN=tg_org_xxxxxxxxxxxxxxxxxxxxxxxx",
        "why": "a placeholder of repeats"
      },
      {
        "text": "TOKEN=tg_org_...",
        "why": "a placeholder without a body"
      },
      {
        "text": "TOKEN=tg_org_${GUARD_TOKEN}",
        "why": "a shell variable"
      },
      {
        "text": "TOKEN=tg_org_<YOUR_TOKEN>",
        "why": "a placeholder in angle brackets"
      },
      {
        "text": "tg_org_YOUR_TOKEN_GOES_HERE",
        "why": "a placeholder in words"
      },
      {
        "text": "tg_org_0123456789abcdef0123456789abcdef",
        "why": "a sequence, repeated"
      }
    ]
  }
];
