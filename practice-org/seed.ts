/**
 * The records of a new practice org. Every value is a function of its row, so that each org has the
 * same records and nothing is computed before it is read. Dates are relative to the day on which the
 * org starts, so that TODAY and LAST_N_DAYS find records.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { definitionSeeds } from "./definitions.ts";
import { idOf } from "./ids.ts";
import { datetimeOf, type Seed, Store } from "./records.ts";
import { OBJECTS, type Value } from "./schema.ts";
import { STAGES } from "./schema/sales.ts";

/** See {@linkcode createStore}. */
export interface SeedOptions {
  rows: number;
  orgId: string;
  userId: string;
  users: { id: string; username: string; isActive: boolean }[];
}

const DAY = 86_400_000;

const NAMES = [
  "Acme",
  "Aurora Logistics",
  "Burlington Textiles Corp of America",
  "Café Zoë 🚀",
  "O'Reilly & Söhne GmbH",
  "株式会社さくら",
  "شركة النور للتجارة",
  "חברת אלון בע״מ",
  'The "Quoted" Company, Inc.',
  "<b>Bold</b> & Partners",
  "Ærøskøbing Værft ApS",
  "Ελληνική Ναυτιλία Α.Ε.",
  "Donau­dampf­schiff­fahrts­gesellschaft " + "und Elektrizitäten Hauptbetriebswerk ".repeat(4) + "AG",
  "Zażółć Gęślą Jaźń sp. z o.o.",
];
const FIRST =
  "Alpine,Amber,Anchor,Apex,Atlas,Beacon,Birch,Bluebird,Boreal,Canyon,Cedar,Cobalt,Coral,Crescent,Delta,Ember,Evergreen,Falcon,Granite,Harbor,Horizon,Iron,Juniper,Lakeside,Lunar,Maple,Meridian,Northern,Oakwood,Orion,Pacific,Pioneer,Quartz,Redwood,River,Sierra,Silver,Summit,Timber,Vertex,Willow,Zenith"
    .split(",");
const SECOND =
  "Analytics,Bakery,Builders,Capital,Ceramics,Chemicals,Clinics,Dairy,Dynamics,Electric,Energy,Farms,Foods,Freight,Glass,Hotels,Instruments,Insurance,Labs,Logistics,Media,Metals,Motors,Networks,Optics,Outfitters,Paper,Pharma,Robotics,Software,Systems,Textiles,Tools,Travel,Water"
    .split(",");
const FORMS = ["Inc.", "Ltd", "GmbH", "LLC", "SA", "AB", "Group", "Co."];
const GIVEN =
  "Ada,Aisha,Björn,Carlos,Chloé,Dmitri,Elif,Fatima,Grace,Hiro,Ines,Jonas,Keiko,Liam,Mei,Nadia,Olu,Priya,Quentin,Rosa,Søren,Tariq,Uma,Víctor,Wei,Xenia,Yusuf,Zoë"
    .split(",");
const FAMILY =
  "Andersson,Brown,Chen,Díaz,Eriksen,Fischer,García,Haddad,Ito,Johnson,Kowalska,Lovelace,Müller,Nguyen,O'Brien,Patel,Quist,Rossi,Silva,Tanaka,Usman,Vries,Wójcik,Xu,Yılmaz,Zhang"
    .split(",");
const PLACES = [
  { City: "San Francisco", State: "CA", Country: "USA", PostalCode: "94105" },
  { City: "Berlin", State: null, Country: "Germany", PostalCode: "10117" },
  { City: "København", State: null, Country: "Denmark", PostalCode: "1050" },
  { City: "Austin", State: "TX", Country: "USA", PostalCode: "78701" },
  { City: "São Paulo", State: "SP", Country: "Brazil", PostalCode: "01310-100" },
  { City: "東京", State: "東京都", Country: "Japan", PostalCode: "100-0001" },
  { City: "Toronto", State: "ON", Country: "Canada", PostalCode: "M5H 2N2" },
  { City: "دبي", State: null, Country: "United Arab Emirates", PostalCode: null },
];

const CAMPAIGNS = ["Spring Webinar", "Customer Conference", "Trade Show Berlin", "Newsletter"];
const PRODUCTS =
  "Analytics Suite,Backup Service,Cloud Storage,Data Loader,Edge Router,Field App,Help Desk,Inventory,Onboarding,Training Day"
    .split(",");
const FILES = ["Price list", "Terms of delivery"];
const ROLES = ["CEO", "Sales Manager", "Sales Representative", "Support Agent"];

/** Returns a store with the records of a new org. */
export function createStore({ rows, orgId, userId, users }: SeedOptions): Store {
  const today = new Date().setUTCHours(0, 0, 0, 0);
  const day = (offset: number) => new Date(today + offset * DAY).toISOString().slice(0, 10);
  const time = (daysAgo: number, row: number) =>
    datetimeOf(today - daysAgo * DAY - (row * 7919 % 86_400) * 1000);

  const system = (age: (row: number) => number) => ({
    CreatedDate: (row: number) => time(age(row), row),
    LastModifiedDate: (row: number) => time(Math.floor(age(row) / 3), row),
    SystemModstamp: (row: number) => time(Math.floor(age(row) / 3), row),
    CreatedById: () => userId,
    LastModifiedById: () => userId,
    OwnerId: () => userId,
  });
  const hour = (offset: number, hours: number) =>
    datetimeOf(today + offset * DAY + hours * 3_600_000);
  const accountId = (row: number) => idOf("001", row % Math.max(rows, 1));
  const place = (prefix: string) =>
    Object.fromEntries(
      (["City", "State", "Country", "PostalCode"] as const).map((part) => [
        prefix + part,
        (row: number) => PLACES[row % PLACES.length]![part],
      ]),
    );

  const seeds: Record<string, Seed> = {
    Account: {
      count: rows,
      fields: {
        ...system((row) => row * 13 % 900),
        ...place("Billing"),
        BillingStreet: (row) => row % 9 === 4 ? null : `${row * 17 % 990 + 1} Market Street`,
        BillingLatitude: (row) => row === 0 ? 37.792 : null,
        BillingLongitude: (row) => row === 0 ? -122.394 : null,
        Name: accountName,
        Type: pick("Account", "Type", 5),
        Industry: (row) => row % 11 === 10 ? null : pick("Account", "Industry", 1)(row),
        Rating: (row) => row % 4 === 3 ? null : pick("Account", "Rating", 1)(row),
        AccountSource: pick("Account", "AccountSource", 3),
        Ownership: pick("Account", "Ownership", 7),
        RecordTypeId: (row) => idOf("012", row % 2),
        ParentId: (row) => row % 10 === 9 ? idOf("001", row - 9) : null,
        Phone: (row) => `+1 415 555 ${String(row % 10_000).padStart(4, "0")}`,
        Website: (row) => row % 6 === 5 ? null : `https://www.example.com/${row}`,
        AccountNumber: (row) => `CD${String(row).padStart(6, "0")}`,
        AnnualRevenue: (row) => row % 7 === 6 ? null : (row * 7919 % 5000 + 1) * 100_000,
        NumberOfEmployees: (row) => row % 7 === 5 ? null : row * 37 % 20_000 + 1,
        Description: (row) =>
          row % 5 !== 0
            ? null
            : row % 25 === 5
            ? "Long story.\n" + "The quick brown fox jumps over the lazy dog. ".repeat(60)
            : `Key facts:\n\t${accountName(row)} has been with us for ${row % 9 + 1} years.`,
        Active__c: (row) => row % 3 !== 0,
        Tier__c: (row) => row % 5 === 4 ? null : pick("Account", "Tier__c", 1)(row),
        Tags__c: (row) => [null, "Newsletter", "Key account;Reference", "Partner"][row % 4]!,
        Score__c: (row) => row % 8 === 7 ? null : row * 31 % 10_000 / 100,
        External_Id__c: (row) => `A-${String(row + 1).padStart(6, "0")}`,
      },
    },
    Contact: {
      count: rows * 2,
      fields: {
        ...system((row) => row * 5 % 700),
        ...place("Mailing"),
        // The second account has no contacts, so that results contain an empty child list.
        AccountId: (row) => row % 29 === 28 ? null : accountId(row % rows === 1 ? row - 1 : row),
        FirstName: (row) => row % 17 === 16 ? null : GIVEN[row * 5 % GIVEN.length]!,
        LastName: (row) => FAMILY[row * 3 % FAMILY.length]!,
        Salutation: (row) => row % 3 ? null : "Dr.",
        Email: (row) => row % 13 === 12 ? null : `contact${row}@example.com`,
        Phone: (row) => row % 4 ? `+49 30 ${String(row % 100_000).padStart(6, "0")}` : null,
        Title: (row) => ["CEO", "Buyer", "Engineer", "CFO", null][row % 5]!,
        Department: (row) => ["Finance", "IT", null][row % 3]!,
        LeadSource: pick("Contact", "LeadSource", 2),
        Birthdate: (row) => row % 6 ? null : `19${50 + row % 50}-0${row % 9 + 1}-1${row % 9}`,
        ReportsToId: (row) => row % 8 === 7 ? idOf("003", row - 7) : null,
        // Two contacts share each value, so that an upsert by it finds several records.
        Legacy_Id__c: (row) => row < 10 ? `L-${Math.floor(row / 2)}` : null,
      },
    },
    Opportunity: {
      count: rows,
      fields: {
        ...system((row) => row * 3 % 400),
        AccountId: (row) => accountId(row * 7),
        Name: (row) =>
          `${accountName(row * 7 % Math.max(rows, 1)).slice(0, 100)} - Deal ${row + 1}`,
        StageName: (row) => Object.keys(STAGES)[row * 3 % 10]!,
        CampaignId: (row) => row % 4 ? null : idOf("701", row / 4 % CAMPAIGNS.length),
        Pricebook2Id: (row) => row % 3 ? null : idOf("01s", 0),
        Amount: (row) => row % 9 === 8 ? null : (row * 7919 % 900 + 10) * 250.5,
        CloseDate: (row) => day(row * 11 % 360 - 180),
        Type: pick("Opportunity", "Type", 1),
        LeadSource: pick("Opportunity", "LeadSource", 1),
        NextStep: (row) => row % 2 ? null : "Call back",
      },
    },
    Lead: {
      count: 20,
      fields: {
        ...system((row) => row * 2),
        ...place(""),
        FirstName: (row) => GIVEN[row]!,
        LastName: (row) => FAMILY[row]!,
        Company: (row) => `${FIRST[row]} ${SECOND[row]}`,
        Email: (row) => `lead${row}@example.com`,
        Status: pick("Lead", "Status", 1),
        LeadSource: pick("Lead", "LeadSource", 1),
        Rating: pick("Lead", "Rating", 1),
      },
    },
    Case: {
      count: 20,
      fields: {
        ...system((row) => row * 4),
        OwnerId: (row) => row % 5 === 4 ? idOf("00G", 1) : userId,
        AccountId: accountId,
        ContactId: (row) => rows ? idOf("003", row % (rows * 2)) : null,
        Subject: (row) => ["Cannot sign in", "Invoice is wrong", "Thing makes noise"][row % 3]!,
        Status: pick("Case", "Status", 1),
        Priority: pick("Case", "Priority", 1),
        Origin: pick("Case", "Origin", 1),
        Description: (row) => row % 2 ? "It worked yesterday." : null,
      },
    },
    Campaign: {
      count: CAMPAIGNS.length,
      fields: {
        ...system((row) => row * 30),
        Name: (row) => CAMPAIGNS[row]!,
        ParentId: (row) => row ? null : idOf("701", 1),
        Type: pick("Campaign", "Type", 1),
        Status: pick("Campaign", "Status", 1),
        StartDate: (row) => day(row * 20 - 60),
        EndDate: (row) => day(row * 20 - 30),
        ExpectedRevenue: (row) => (row + 1) * 50_000,
        BudgetedCost: (row) => (row + 1) * 5000,
        IsActive: (row) => row % 3 !== 2,
      },
    },
    Product2: {
      count: PRODUCTS.length,
      fields: {
        ...system(() => 600),
        Name: (row) => PRODUCTS[row]!,
        ProductCode: (row) => `P-${1000 + row}`,
        Family: pick("Product2", "Family", 1),
        IsActive: (row) => row % 5 !== 4,
        Description: (row) => row % 2 ? null : `${PRODUCTS[row]}, for up to ${row + 1}0 users`,
      },
    },
    Pricebook2: {
      count: 2,
      fields: {
        ...system(() => 700),
        Name: (row) => ["Standard Price Book", "Partner Price Book"][row]!,
        IsActive: () => true,
        IsStandard: (row) => row === 0,
      },
    },
    PricebookEntry: {
      count: PRODUCTS.length * 2,
      fields: {
        ...system(() => 500),
        Pricebook2Id: (row) => idOf("01s", row % 2),
        Product2Id: (row) => idOf("01t", Math.floor(row / 2)),
        UnitPrice: (row) => (Math.floor(row / 2) + 1) * (row % 2 ? 80 : 100),
        IsActive: () => true,
      },
    },
    OpportunityLineItem: {
      count: Math.ceil(rows / 3) * 2,
      fields: {
        ...system((row) => row * 3 % 400),
        // Each opportunity with a price book has two.
        OpportunityId: (row) => idOf("006", Math.floor(row / 2) * 3),
        PricebookEntryId: (row) => idOf("01u", row % PRODUCTS.length * 2),
        Quantity: (row) => row % 9 + 1,
        UnitPrice: (row) => (row % PRODUCTS.length + 1) * 95,
      },
    },
    Event: {
      count: 20,
      fields: {
        ...system((row) => row),
        Subject: (row) => ["Meeting", "Demo", "Conference call"][row % 3]!,
        Location: (row) => row % 2 ? null : PLACES[row % PLACES.length]!.City,
        StartDateTime: (row) => hour(row - 10, 9),
        EndDateTime: (row) => hour(row - 10, 10),
        DurationInMinutes: () => 60,
        WhatId: (row) => row % 3 === 0 ? idOf("701", row % CAMPAIGNS.length) : accountId(row),
        WhoId: (row) => row % 2 ? idOf("00Q", row % 20) : null,
      },
    },
    ContentDocument: {
      count: FILES.length,
      fields: {
        ...system((row) => row * 20),
        Title: (row) => FILES[row]!,
        FileType: () => "TEXT",
        FileExtension: () => "txt",
        ContentSize: (row) => bytesOfFile(row).length,
        LatestPublishedVersionId: (row) => idOf("068", row),
      },
    },
    ContentVersion: {
      count: FILES.length,
      fields: {
        ...system((row) => row * 20),
        ContentDocumentId: (row) => idOf("069", row),
        Title: (row) => FILES[row]!,
        PathOnClient: (row) => `${FILES[row]}.txt`,
        VersionData: (row) => bytesOfFile(row).toString("base64"),
        VersionNumber: () => "1",
        IsLatest: () => true,
        FileType: () => "TEXT",
        FileExtension: () => "txt",
        ContentSize: (row) => bytesOfFile(row).length,
        Checksum: (row) => createHash("md5").update(bytesOfFile(row)).digest("hex"),
      },
    },
    ContentDocumentLink: {
      count: FILES.length * 2,
      fields: {
        ...system((row) => row * 20),
        // Each file is linked to its owner and to a record.
        LinkedEntityId: (row) => row % 2 ? accountId(row) : userId,
        ContentDocumentId: (row) => idOf("069", Math.floor(row / 2)),
        ShareType: (row) => row % 2 ? "V" : "I",
      },
    },
    Attachment: {
      count: 5,
      fields: {
        ...system((row) => row * 10),
        ParentId: (row) => idOf("500", row),
        Name: (row) => `photo-${row + 1}.txt`,
        ContentType: () => "text/plain",
        Body: (row) => Buffer.from(`Attachment ${row + 1}\n`).toString("base64"),
      },
    },
    Note: {
      count: 5,
      fields: {
        ...system((row) => row * 10),
        ParentId: accountId,
        Title: (row) => `Note ${row + 1}`,
        Body: () => "Prefers to be called in the morning.",
      },
    },
    Task: {
      count: 30,
      fields: {
        ...system((row) => row),
        Subject: (row) => ["Call", "Send quote", "Email"][row % 3]!,
        Status: pick("Task", "Status", 1),
        Priority: pick("Task", "Priority", 1),
        ActivityDate: (row) => day(row - 15),
        WhatId: (row) => row % 3 === 0 ? idOf("006", row % Math.max(rows, 1)) : accountId(row),
        WhoId: (row) => row % 2 ? idOf("00Q", row % 20) : idOf("003", row % Math.max(rows, 1)),
      },
    },
    Invoice__c: {
      count: rows,
      fields: {
        ...system((row) => row * 2 % 365),
        Account__c: (row) => accountId(row * 3),
        Amount__c: (row) => (row * 7919 % 9_000 + 99) / 4,
        Status__c: pick("Invoice__c", "Status__c", 1),
        Due_Date__c: (row) => day(row % 90 - 45),
        Sent_At__c: (row) => row % 4 ? time(row % 60, row) : null,
        Channels__c: (row) => [null, "Email", "Email;Portal", "Post"][row % 4]!,
        External_Id__c: (row) => `INV-EXT-${row + 1}`,
      },
    },
    RecordType: {
      count: 2,
      fields: {
        ...system(() => 900),
        Name: (row) => ["Business", "Partner"][row]!,
        DeveloperName: (row) => ["Business", "Partner"][row]!,
        SobjectType: () => "Account",
        IsActive: () => true,
      },
    },
    Profile: {
      count: 3,
      fields: {
        ...system(() => 900),
        Name: (row) =>
          ["System Administrator", "Standard User", "Minimum Access - Salesforce"][row]!,
        UserType: () => "Standard",
        PermissionsModifyAllData: (row) => row === 0,
      },
    },
    PermissionSet: {
      count: 2,
      fields: {
        ...system(() => 900),
        Name: (row) => ["Api_Integration", "Invoice_Manager"][row]!,
        Label: (row) => ["API Integration", "Invoice Manager"][row]!,
        IsCustom: () => true,
      },
    },
    PermissionSetAssignment: {
      count: 1,
      fields: {
        ...system(() => 900),
        PermissionSetId: () => idOf("0PS", 0),
        AssigneeId: () => userId,
      },
    },
    UserRole: {
      count: ROLES.length,
      fields: {
        ...system(() => 900),
        Name: (row) => ROLES[row]!,
        DeveloperName: (row) => ROLES[row]!.replaceAll(" ", ""),
        ParentRoleId: (row) => row ? idOf("00E", 0) : null,
        RollupDescription: (row) => ROLES[row]!,
      },
    },
    Group: {
      count: 3,
      fields: {
        ...system(() => 800),
        Name: (row) => ["Everyone in Sales", "Support", "All Internal Users"][row]!,
        DeveloperName: (row) => ["Everyone_in_Sales", "Support", "AllInternalUsers"][row]!,
        Type: (row) => ["Regular", "Queue", "Organization"][row]!,
        DoesSendEmailToMembers: (row) => row === 1,
      },
    },
    LoginHistory: {
      count: 30,
      fields: {
        UserId: (row) => users[row % users.length]!.id,
        LoginTime: (row) => time(row, row),
        LoginType: pick("LoginHistory", "LoginType", 1),
        SourceIp: (row) => `203.0.113.${row + 1}`,
        LoginUrl: () => "practice.my.salesforce.com",
        Browser: (row) => row % 3 ? "Unknown" : "Chrome 142",
        Platform: (row) => row % 3 ? "Unknown" : "Windows 11",
        Application: (row) => row % 3 ? "Practice" : "Browser",
        Status: (row) => row % 10 === 9 ? "Invalid Password" : "Success",
        CountryIso: () => "US",
      },
    },
    ApexLog: {
      count: 2,
      fields: {
        ...system((row) => row),
        LogUserId: () => userId,
        Application: () => "Unknown",
        Location: () => "Monitoring",
        Operation: (row) => ["/services/data/v67.0/tooling/executeAnonymous", "Api"][row]!,
        Request: () => "Api",
        Status: () => "Success",
        LogLength: (row) => 1200 + row * 311,
        DurationMilliseconds: (row) => 20 + row * 7,
        StartTime: (row) => time(row, row),
      },
    },
    DebugLevel: {
      count: 1,
      fields: {
        ...system(() => 300),
        DeveloperName: () => "SFDC_DevConsole",
        MasterLabel: () => "SFDC_DevConsole",
        ApexCode: () => "FINEST",
        Database: () => "INFO",
        System: () => "DEBUG",
      },
    },
    ApexClass: {
      count: 2,
      fields: {
        ...system(() => 300),
        Name: (row) => ["InvoiceService", "InvoiceServiceTest"][row]!,
        ApiVersion: () => 67,
        Body: (row) => `public class ${["InvoiceService", "InvoiceServiceTest"][row]} {\n}\n`,
        LengthWithoutComments: () => 40,
      },
    },
    ...definitionSeeds(),
  };

  const store = new Store(seeds);
  addOrganization(store, orgId, userId);
  for (const each of users) addUser(store, each);
  return store;
}

function bytesOfFile(row: number): Buffer {
  return Buffer.from(`${FILES[row]}\n`);
}

function accountName(row: number): string {
  if (row < NAMES.length) return NAMES[row]!;
  const first = FIRST[row % FIRST.length];
  const second = SECOND[Math.floor(row / FIRST.length) % SECOND.length];
  const form = FORMS[row % FORMS.length];
  const round = Math.floor(row / (FIRST.length * SECOND.length));
  return round ? `${first} ${second} ${round + 1} ${form}` : `${first} ${second} ${form}`;
}

function pick(object: string, field: string, step: number): (row: number) => Value {
  const values = OBJECTS.find((each) => each.name === object)!.field(field)!.values;
  return (row) => values[row * step % values.length]!;
}

function addOrganization(store: Store, orgId: string, userId: string): void {
  store.table("Organization")!.insert({
    Id: orgId,
    Name: "sfetch practice org",
    Street: "1 Market Street",
    City: "San Francisco",
    State: "CA",
    PostalCode: "94105",
    Country: "US",
    PrimaryContact: "Pat Practice",
    DefaultLocaleSidKey: "en_US",
    LanguageLocaleKey: "en_US",
    TimeZoneSidKey: "GMT",
    OrganizationType: "Developer Edition",
    InstanceName: "PRC1",
    IsSandbox: false,
  }, userId);
}

function addUser(store: Store, { id, username, isActive }: SeedOptions["users"][number]): void {
  const name = username.split("@")[0]!;
  store.table("User")!.insert({
    Id: id,
    Username: username,
    FirstName: "Practice",
    LastName: name[0]!.toUpperCase() + name.slice(1),
    Email: username,
    Alias: name.slice(0, 8),
    ProfileId: idOf("00e", 0),
    UserRoleId: idOf("00E", 0),
    IsActive: isActive,
  }, id);
}
