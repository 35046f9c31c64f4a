/** What the interface answers. Written by `python -m tests.console_types --write`; change the models instead. */
export interface components {
    schemas: {
        AccountRow: {
            provider: boolean;
            account: string;
            roles: string[];
            teams: string[];
            brands: string[];
            last_log_in: string | null;
        };
        AccountsTold: {
            accounts: components["schemas"]["AccountRow"][];
            roles: components["schemas"]["RoleRow"][];
            teams: components["schemas"]["TeamRow"][];
            brands: components["schemas"]["BrandRow"][];
        };
        AddedAgent: {
            agent: string;
            name: string;
            password: string;
            pin: string;
        };
        AgentFigures: {
            offers: number;
            three_ring_rate: number | null;
            no_answer: number;
            talks: number;
            talk_s: number;
            hold_s: number;
            wrap_up_s: number;
            handling_s: number | null;
            logged_in_s: number;
            idle_s: number;
            busy_s: number;
            not_ready_s: number;
            occupancy: number | null;
        };
        AgentTarget: {
            allowed: boolean;
            why: string | null;
            proposed: boolean;
            agent: string;
            name: string;
            queues: string[];
            state: string;
            reason: string;
            free: boolean;
            tier: number;
        };
        AgentToday: {
            agent: string;
            talks: number;
            hung_up_first: number;
            handling_s: number | null;
            occupancy: number | null;
            three_ring_rate: number | null;
            offers_rang: number;
            no_answer: number;
            mos: number | null;
        };
        Agents: {
            agents: components["schemas"]["LiveAgent"][];
        };
        AgentsToday: {
            /** Format: date */
            day: string;
            agents: components["schemas"]["AgentToday"][];
        };
        Agreement: {
            /** Format: date */
            first: string;
            /** Format: date */
            last: string;
            talks: number;
            answers: number;
            kappa: number | null;
            alpha: number | null;
            difference: number | null;
        };
        AlarmStep: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            what: "raised" | "worse" | "better" | "repeated" | "seen" | "cleared";
            by: string;
            detail: string;
        };
        Alarms: {
            alarms: components["schemas"]["ToldAlarm"][];
        };
        Appealed: {
            offer: string;
            reason: string;
        };
        AppliedRow: {
            row: number;
            why: string;
            zh: string;
            en: string;
        };
        BothWords: {
            zh: string;
            en: string;
        };
        BrandRow: {
            brand: string;
            zh: string;
            en: string;
        };
        BreakBoard: {
            planned: boolean;
            breaks: components["schemas"]["BreakOf"][];
            long: components["schemas"]["WorkOf"][];
            limits: components["schemas"]["LimitNow"][];
        };
        BreakOf: {
            agent: string;
            name: string;
            team: string;
            reason: string;
            state: string;
            /** Format: date-time */
            since: string;
            ends_at: string | null;
            overdue: boolean;
            leave: boolean;
            waits: string;
            place: number | null;
        };
        Button: {
            zh: string;
            en: string;
            log_out: string;
        };
        Call: {
            call: string;
            caller: string;
            dialled: string;
            brand: string;
            language: string;
            menu_path: string;
            queue: string;
            /** Format: date-time */
            arrived_at: string;
            asked_at: string | null;
            answered_at: string | null;
            ended_at: string | null;
            agent: string;
            offers: number;
            wait_s: number | null;
            talk_s: number | null;
            ending: string | null;
            within_target: boolean | null;
            short: boolean | null;
            asked_queue: string;
            priority: number;
            median_s: number | null;
            p90_s: number | null;
            returned_s: number | null;
            kept_for: string;
            kept_why: string;
            policy: {
                [key: string]: unknown;
            }[];
            called_back: boolean;
            callback_state: string;
            callback_attempts: number;
            sent_to: string;
            transferred_to: string[];
            number: string;
            written: string;
            customer: string;
            customer_name: string;
            customer_class: string;
        };
        CallAnswer: {
            position: number | null;
            waited_s: number;
            stage: string;
            median_s: number;
            p90_s: number;
            callback: boolean;
            callback_noted: boolean;
            message: boolean;
        };
        CallFindings: {
            talks: components["schemas"]["TalkFindings"][];
        };
        CallRecording: {
            offer: string;
            kind: string;
            first: string;
            agent: string;
            state: string;
            seconds: number | null;
            talk_s: number | null;
            sha256: string;
            reason: string;
            reason_zh: string;
            silent: string;
        };
        CallbackAnswer: {
            possible: boolean;
            why: string;
            within_s: number;
            number: string;
            day: string;
            hour: number;
            minute: number;
        };
        CallbackTold: {
            callback: string;
            number: string;
            customer: string;
            queue: string;
            brand: string;
            language: string;
            source: string;
            how: string;
            by: string;
            owner: string;
            note: string;
            of_call: string;
            /** Format: date-time */
            made_at: string;
            begins: string | null;
            until: string | null;
            /** @enum {string} */
            state: "open" | "due" | "late" | "over";
            asked: number;
            tries: number;
            outcome: string;
            in_time: boolean;
            ended_at: string | null;
            ended_by: string;
        };
        CallbackWithStory: {
            callback: string;
            number: string;
            customer: string;
            queue: string;
            brand: string;
            language: string;
            source: string;
            how: string;
            by: string;
            owner: string;
            note: string;
            of_call: string;
            /** Format: date-time */
            made_at: string;
            begins: string | null;
            until: string | null;
            /** @enum {string} */
            state: "open" | "due" | "late" | "over";
            asked: number;
            tries: number;
            outcome: string;
            in_time: boolean;
            ended_at: string | null;
            ended_by: string;
            steps: components["schemas"]["StepTold"][];
        };
        CallbacksTold: {
            callbacks: components["schemas"]["CallbackTold"][];
            complete: boolean;
        };
        CallerAnswer: {
            customer: {
                [key: string]: unknown;
            } | null;
            complaint: {
                [key: string]: unknown;
            } | null;
            faults: {
                [key: string]: unknown;
            }[];
            open: boolean;
            lookups: string[];
        } & {
            [key: string]: unknown;
        };
        Calls: {
            day: string | null;
            first: string | null;
            last: string | null;
            calls: components["schemas"]["ListedCall"][];
            before: string | null;
        };
        CameAs: {
            caller: string;
            dialled: string;
            withheld: boolean;
            asserted: string;
        };
        CapacityNow: {
            calls: number;
            calls_limit: number;
            calls_left: number;
            rtp_pairs: number;
            rtp_pairs_used: number;
            cores: number;
            cpu_busy: number | null;
        };
        Card: {
            call: string;
            contact: string;
            continues: string;
            version: number;
            caller: string;
            number: string;
            trunk: string;
            identity: string;
            nuisance: string;
            region: {
                [key: string]: string;
            };
            customer: components["schemas"]["CardCustomer"] | null;
            name: string;
            value: string;
            language: string;
            dialled: string;
            brand: string;
            recording_declined: boolean;
            menu_path: string;
            asked: {
                [key: string]: unknown;
            } | null;
            verified: components["schemas"]["Verified"];
            matter: string;
            lookups: components["schemas"]["LookedUp"][];
            entries: {
                [key: string]: unknown;
            }[];
            transfers: {
                [key: string]: unknown;
            }[];
            legs: {
                [key: string]: unknown;
            }[];
            lines: {
                [key: string]: string[];
            };
            holds: number;
            arrived_at: string | null;
            ended_at: string | null;
            ending: string;
            updated_at: string | null;
            updated_by: string;
        } & {
            [key: string]: unknown;
        };
        CardCustomer: {
            id: string;
            customer_class: string;
            class_label: {
                [key: string]: string;
            };
            language: string;
            last_order: string;
            area: string;
            do_not_call: boolean;
            complaint_ticket: string;
            complaint_owner: string;
        } & {
            [key: string]: unknown;
        };
        ChangedAgent: {
            agent: string;
            note: string;
        };
        Check: {
            name: string;
            up: boolean;
            warning: boolean;
            figure: number | null;
            unit: string;
        };
        Choice: {
            rule: string;
            rule_zh: string;
            strategy: string;
            strategy_zh: string;
            waited_s: number | null;
            runners_up: string[];
            passed_over: {
                [key: string]: number;
            };
            passed_over_zh: {
                [key: string]: number;
            };
            rows: components["schemas"]["AppliedRow"][];
            outcome: string | null;
            whole: components["schemas"]["Whole"] | null;
        };
        ClassRow: {
            name: string;
            zh: string;
            en: string;
        };
        ClearedAnswer: {
            fault: string;
            to_tell: number;
            warnings: string[];
        };
        ConfiguredReport: {
            name: string;
            /** @enum {string} */
            every: "daily" | "weekly" | "monthly";
            at: string;
            what: ("queues" | "agents")[];
            queues: string[];
            formats: ("csv" | "xlsx" | "page")[];
            /** @enum {string} */
            language: "en" | "zh";
            folder: string;
            mails: number;
            /** Format: date-time */
            next_at: string;
            trouble: string;
        };
        ConfirmedAnswer: {
            call: string;
        };
        Considered: {
            agent: string;
            verdict: string;
            state: string;
            detail: {
                [key: string]: unknown;
            };
            zh: string;
        };
        Contact: {
            call: string;
            /** Format: date-time */
            at: string;
            queue: string;
            agents: string[];
            ending: string;
            matter: string;
        } & {
            [key: string]: unknown;
        };
        ContactManifest: {
            call: string;
            complete: boolean;
            calls: components["schemas"]["ManifestCall"][];
        };
        Contacts: {
            contacts: components["schemas"]["Contact"][];
        };
        Counts: {
            arrived: number;
            live: number;
            asked: number;
            ended: number;
            ended_asked: number;
            answered: number;
            called_back: number;
            within_target: number;
            served: number;
            turned_away: number;
            abandoned_ivr: number;
            abandoned_queue: number;
            abandoned_ringing: number;
            sent_on: number;
            message: number;
            withdrawn: number;
            not_reached: number;
            lost: number;
            short: number;
            callbacks: number;
            promises: number;
            promises_in_time: number;
            offers: number;
            offers_rang: number;
            offers_in_time: number;
            wait_s: number;
            talk_s: number;
            wrap_up_s: number;
        };
        Credentials: {
            agent: string;
            password: string;
            pin: string;
        };
        CustomerFileRead: {
            rows: number;
            added: number;
            changed: number;
            unchanged: number;
            mistakes: components["schemas"]["MistakeTold"][];
        };
        CustomerTold: {
            id: string;
            name: string;
            numbers: string[];
            class: string;
            language: string;
            last_order: string;
            area: string;
            do_not_call: boolean;
            consent: string;
            complaint_ticket: string;
            complaint_owner: string;
            brands: string[];
            changeable: boolean;
            updated_at: string | null;
            updated_by: string;
        };
        CustomersImported: {
            added: number;
            changed: number;
            unchanged: number;
        };
        CustomersTold: {
            customers: components["schemas"]["CustomerTold"][];
            after: string | null;
        };
        DayHours: {
            /** Format: date */
            date: string;
            /** @enum {string} */
            weekday: "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
            hours: string[];
            /** @enum {string} */
            why: "" | "holiday" | "working weekend" | "corrected";
            name: string;
        };
        DayTold: {
            agent: string;
            breaks: number;
            break_s: number;
            overdue: number;
            over_s: number;
            without_leave: number;
            asked: number;
            declined: number;
            waited_s: number;
            long_work: number;
        };
        DaysTold: {
            /** Format: date */
            day: string;
            agents: components["schemas"]["DayTold"][];
        };
        Declared: {
            fault: string;
            warnings: string[];
        };
        Desk: {
            /** Format: date-time */
            at: string;
            pbx: boolean;
            agent: components["schemas"]["LiveAgent"];
            call: components["schemas"]["DeskCall"] | null;
            offer: components["schemas"]["DeskOffer"] | null;
            card: {
                [key: string]: unknown;
            } | null;
            brand: components["schemas"]["DeskBrand"] | null;
            consult: components["schemas"]["DeskConsult"] | null;
            wrap_up: components["schemas"]["WrapUp"] | null;
            explain: components["schemas"]["UnexplainedTransfer"][];
            rules: components["schemas"]["DeskRules"];
            messages: components["schemas"]["DeskMessage"][];
            own_queues: components["schemas"]["DeskQueue"][];
            break_kinds: components["schemas"]["DeskBreakKind"][];
            not_ready_reasons: components["schemas"]["NamedReason"][];
            reasons: {
                [key: string]: unknown;
            }[];
            dispositions: components["schemas"]["NamedDisposition"][];
            verify: components["schemas"]["NamedWay"][];
            links: {
                [key: string]: string;
            }[];
        };
        DeskBrand: {
            name: string;
            zh: string;
            en: string;
            greeting: {
                [key: string]: string;
            };
        };
        DeskBreakKind: {
            reason: string;
            zh: string;
            en: string;
            minutes: number;
            leave: boolean;
        };
        DeskCall: {
            call: string;
            caller: string;
            trunk: string;
            brand: string;
            identity: string;
            customer: string;
            customer_name: string;
            customer_class: string;
            nuisance: string;
            queue: string | null;
            stage: string;
            agent: string | null;
            offer: string | null;
            position: number | null;
            position_in_queue: number | null;
            asked_at: string | null;
            waiting_since: string | null;
            in_time: boolean | null;
            waited_s: number;
            priority: number;
            virtual: boolean;
            kept_for: string | null;
            held: ("hold" | "consult" | "three-way") | null;
            held_since: string | null;
            muted: boolean;
            masked_since: string | null;
            masked_until: string | null;
            masked_by: string;
            mask_failed: string;
            line: {
                [key: string]: string[];
            };
            transfer: components["schemas"]["LiveTransfer"] | null;
            listeners: components["schemas"]["LiveListener"][];
            rows: number[];
            zh: string;
            en: string;
        } & {
            [key: string]: unknown;
        };
        DeskCallback: {
            promise: string;
            number: string;
            queue: string;
            /** Format: date-time */
            begins: string;
            /** Format: date-time */
            until: string;
            note: string;
        };
        DeskConsult: {
            call: string;
            /** @enum {string} */
            role: "first" | "receiver";
            first: string;
            first_name: string;
            receiver: string;
            receiver_name: string;
            kind: string;
            to: string;
            state: string;
            reason: string;
            note: string;
            /** Format: date-time */
            since: string;
        };
        DeskDay: {
            /** Format: date */
            day: string;
            figures: components["schemas"]["DeskFigures"];
            queues: components["schemas"]["OwnDayQueue"][];
            calls: components["schemas"]["DeskPastCall"][];
            promises: components["schemas"]["DeskPromise"][];
            callbacks: components["schemas"]["DeskCallback"][];
        };
        DeskDisposition: {
            code: string | null;
            text: string | null;
        };
        DeskFigures: {
            talks: number;
            handling_s: number | null;
            talk_s: number;
            hold_s: number;
            wrap_up_s: number;
            not_ready_s: number;
            occupancy: number | null;
            ended_by_agent: number;
            ended_by_caller: number;
        };
        DeskMessage: {
            message: string;
            text: string;
            by: string;
            /** Format: date-time */
            at: string;
            /** Format: date-time */
            until: string;
            seen_at: string | null;
        };
        DeskOffer: {
            call: string;
            offer: string;
            /** @enum {string} */
            kind: "call" | "consult";
            state: string;
            /** Format: date-time */
            since: string;
            caller: string;
            queue: string | null;
            zh: string;
            en: string;
            from: components["schemas"]["HandedBy"] | null;
        };
        DeskPastCall: {
            call: string;
            /** Format: date-time */
            at: string;
            queue: string;
            caller: string;
            name: string;
            matter: string;
            talk_s: number | null;
            ended_by: string;
            disposition: components["schemas"]["DeskDisposition"] | null;
        };
        DeskPromise: {
            call: string;
            caller: string;
            name: string;
            text: string;
            /** Format: date-time */
            due_at: string;
        };
        DeskQueue: {
            queue: string;
            zh: string;
            en: string;
            left: string;
        };
        DeskRules: {
            hold_reminder_s: number;
            hold_limit_s: number;
            ring_s: number;
            rings: number;
        };
        Done: {
            call: string;
            told: string;
            number: number | null;
            state: string | null;
        };
        Drafted: {
            text: string;
            at: string | null;
        };
        Erased: {
            number: string;
            done: boolean;
            calls: number;
            recordings: number;
            cards: number;
            in_progress: number;
            on_hold: number;
            customers: string[];
            set_aside: number;
            journal_days: number;
        };
        ErasedTold: {
            calls: number;
            recordings: number;
        };
        Explanation: {
            call: components["schemas"]["Call"];
            steps: components["schemas"]["Step"][];
            full: boolean;
            note: components["schemas"]["Note"] | null;
        };
        FaultCaller: {
            number: string;
            language: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            news: "waiting" | "told" | "not reached" | "refused" | "withdrawn";
            why: string;
            tries: number;
            told_at: string | null;
        };
        FaultCallers: {
            callers: components["schemas"]["FaultCaller"][];
        };
        FaultRow: {
            fault: string;
            open: boolean;
            class: string;
            zh: string;
            en: string;
            other_zh: string;
            other_en: string;
            areas: string[];
            unknown_area: boolean;
            numbers: string[];
            brand: string;
            queues: string[];
            keys: string[];
            plan: components["schemas"]["Plan"];
            note: string;
            /** Format: date-time */
            declared_at: string;
            declared_by: string;
            expected: string | null;
            alarm: string;
            detected: string | null;
            cleared_at: string | null;
            cleared_by: string;
            quietly: boolean;
            news_zh: string;
            news_en: string;
            concerned: number;
            deflected: number;
            left: number;
            gone_on: number;
            twice: number;
            here: number;
            registered: number;
            told: number;
            not_reached: number;
            refused: number;
            to_tell: number;
            calling: number;
            held: string[];
        };
        FaultStepAnswer: {
            possible: boolean;
            why: string;
            number: string;
        };
        FaultsAnswer: {
            faults: components["schemas"]["FaultRow"][];
            suggestions: components["schemas"]["Suggestion"][];
            classes: components["schemas"]["ClassRow"][];
        };
        Figure: {
            value: number | null;
            target: number;
            /** @enum {string} */
            unit: "share" | "s";
            /** @enum {string} */
            light: "green" | "amber" | "red" | "none";
            reached: boolean | null;
            of: number;
        };
        Figures: {
            queue: string;
            calls: number;
            answered: number;
            connect_rate: components["schemas"]["Figure"];
            within_15_s: components["schemas"]["Figure"];
            three_ring_rate: components["schemas"]["Figure"];
            promises_kept_rate: components["schemas"]["Figure"];
            asa_s: components["schemas"]["Figure"];
            aht_s: components["schemas"]["Figure"];
            counts: components["schemas"]["Counts"];
        };
        FiguresOfMenu: {
            menu: string;
            visits: number;
            keys: {
                [key: string]: number;
            };
            wrong: {
                [key: string]: number;
            };
            silent: number;
            gave_up: number;
            left: number;
        };
        FoundFault: {
            code: string;
            zh: components["schemas"]["Words"];
            en: components["schemas"]["Words"];
        };
        FoundInTalk: {
            /** @enum {string} */
            kind: "greeting-late" | "dead-air" | "interruption" | "talk-share" | "raised-voice" | "holds-many" | "hold-long" | "agent-hung-up" | "not-announced" | "transfer-without-reason" | "note-late" | "no-note" | "no-disposition";
            /** @enum {string} */
            side: "caller" | "agent" | "";
            from_s: number | null;
            to_s: number | null;
            value: number | null;
            limit: number | null;
            name_zh: string;
            name_en: string;
            zh: string;
            en: string;
        };
        GivenReview: {
            offer: string;
            number: number;
            /** @enum {string} */
            kind: "first" | "second" | "appeal";
            grader: string;
            form: string;
            version: number;
            /** Format: date-time */
            given_at: string;
            score: number | null;
            fatal: string[];
            answers: {
                [key: string]: number | string;
            };
            comment: string;
            comments: components["schemas"]["ReviewComment"][];
        };
        GoTo: {
            go: string;
        };
        HandedBy: {
            agent: string;
            name: string;
            reason: string;
            note: string;
            warm: boolean;
        };
        Health: {
            status: string;
            checks: components["schemas"]["Check"][];
            notices: components["schemas"]["HealthNotice"][];
        };
        HealthNotice: {
            code: string;
            /** Format: date-time */
            at: string;
            en: components["schemas"]["NoticeInWords"];
            zh: components["schemas"]["NoticeInWords"];
        };
        HeldByHand: {
            call: string;
            offer: string;
            recordings: number;
            /** Format: date-time */
            held_at: string;
            held_by: string;
            held_why: string;
        };
        HeldList: {
            held: components["schemas"]["HeldByHand"][];
        };
        History: {
            versions: components["schemas"]["Version"][];
        };
        HoursAnswer: {
            open: boolean;
            next_open: string | null;
            always: boolean;
            days: components["schemas"]["DayHours"][];
            set: components["schemas"]["SetHours"][];
        };
        IdentityAnswer: {
            /** @enum {string} */
            result: "ask" | "ok" | "locked" | "no-record" | "withheld" | "off";
            digits: number;
        };
        Imported: {
            agents: components["schemas"]["Credentials"][];
        };
        InForce: {
            number: number;
            at: string;
            by: string;
            how: string;
            sha: string;
            file: string;
            like: number;
            queues: number;
            agents: number;
        };
        Interval: {
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
            figures: components["schemas"]["Figures"];
        };
        KeptRecording: {
            offer: string;
            /** @enum {string} */
            done: "held" | "released" | "deleted";
        };
        KeptWaits: {
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
            queue: string;
            callers: number;
            served: number;
            left_early: number;
            under_median: number | null;
            under_p90: number | null;
            wait_to_median: number | null;
        };
        KeyOfMenu: {
            key: string;
            goal: string;
            why: string;
        };
        KnownClass: {
            name: string;
            days: number;
        };
        KpiAnswer: {
            queue: string;
            calls: number;
            answered: number;
            connect_rate: components["schemas"]["Figure"];
            within_15_s: components["schemas"]["Figure"];
            three_ring_rate: components["schemas"]["Figure"];
            promises_kept_rate: components["schemas"]["Figure"];
            asa_s: components["schemas"]["Figure"];
            aht_s: components["schemas"]["Figure"];
            counts: components["schemas"]["Counts"];
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
            queues: components["schemas"]["Figures"][];
            intervals: components["schemas"]["Interval"][];
        };
        Left: {
            call: string;
            left: number;
        };
        LegLine: {
            offer: string;
            /** @enum {string} */
            side: "caller" | "agent";
            party: string;
            agent: string;
            /** Format: date-time */
            measured_at: string;
            seconds: number;
            codec: string;
            packets: number;
            lost: number;
            loss_percent: number;
            jitter_ms: number;
            sent: number;
            sent_lost: number | null;
            sent_loss_percent: number | null;
            sent_jitter_ms: number | null;
            round_trip_ms: number | null;
            mos: number;
            sent_mos: number | null;
            one_way: boolean;
            unheard_s: number;
            problems: string[];
            zh: string;
            en: string;
            call: string;
        };
        LegQuality: {
            offer: string;
            /** @enum {string} */
            side: "caller" | "agent";
            party: string;
            agent: string;
            /** Format: date-time */
            measured_at: string;
            seconds: number;
            codec: string;
            packets: number;
            lost: number;
            loss_percent: number;
            jitter_ms: number;
            sent: number;
            sent_lost: number | null;
            sent_loss_percent: number | null;
            sent_jitter_ms: number | null;
            round_trip_ms: number | null;
            mos: number;
            sent_mos: number | null;
            one_way: boolean;
            unheard_s: number;
            problems: string[];
            zh: string;
            en: string;
        };
        LimitNow: {
            team: string;
            queue: string;
            at_once: number;
            away: number;
            now: boolean;
            begin: string;
            end: string;
        };
        Line: {
            /** Format: date-time */
            at: string;
            kind: string;
            agent: string;
            offer: string;
            queue: string;
            detail: {
                [key: string]: unknown;
            };
            zh: string;
            en: string;
        };
        Lines: {
            /** Format: date */
            day: string;
            lines: components["schemas"]["LegLine"][];
        };
        ListedCall: {
            call: string;
            caller: string;
            dialled: string;
            brand: string;
            language: string;
            menu_path: string;
            queue: string;
            /** Format: date-time */
            arrived_at: string;
            asked_at: string | null;
            answered_at: string | null;
            ended_at: string | null;
            agent: string;
            offers: number;
            wait_s: number | null;
            talk_s: number | null;
            ending: string | null;
            within_target: boolean | null;
            short: boolean | null;
            asked_queue: string;
            priority: number;
            median_s: number | null;
            p90_s: number | null;
            returned_s: number | null;
            kept_for: string;
            kept_why: string;
            policy: {
                [key: string]: unknown;
            }[];
            called_back: boolean;
            callback_state: string;
            callback_attempts: number;
            sent_to: string;
            transferred_to: string[];
            number: string;
            written: string;
            customer: string;
            customer_name: string;
            customer_class: string;
            agents: string[];
            reasons: string[];
            matter: string;
            disposition: string;
            promise: string;
            promise_due_at: string;
            recordings: components["schemas"]["SoundOfCall"][];
        };
        Listening: {
            call: string;
            listener: string;
            mode: string;
            telephone: string;
            state: string;
        };
        LiveAgent: {
            agent: string;
            name: string;
            state: string;
            reason: string;
            set_by: string;
            /** Format: date-time */
            state_since: string;
            reachable: boolean;
            outside: boolean;
            habits: {
                [key: string]: number;
            };
            team: string;
            to_class: string | null;
            phone_test: string;
            logged_in: boolean;
            ready: boolean;
            call: string | null;
            tier: number;
            skills: {
                [key: string]: number;
            };
            serves: string[];
            wrap_up_ends_at: string | null;
            consults: string | null;
            brands: string[];
            break: components["schemas"]["LiveBreak"] | null;
            hand: components["schemas"]["LiveHand"] | null;
            worked_since: string | null;
            worked_long: boolean;
            queues_left: {
                [key: string]: string;
            };
            kept_by: string[];
        } & {
            [key: string]: unknown;
        };
        LiveAlarm: {
            number: number;
            kind: string;
            subject: string;
            /** @enum {string} */
            severity: "warning" | "critical";
            title: {
                [key: string]: string;
            };
            said: {
                [key: string]: string;
            };
            /** Format: date-time */
            raised_at: string;
            /** Format: date-time */
            last_at: string;
            times: number;
            call: string;
            brand: string;
            agent: string;
            queue: string;
            seen: components["schemas"]["SeenBy"][];
            cleared_at: string | null;
            cleared_by: string;
        } & {
            [key: string]: unknown;
        };
        LiveBreak: {
            reason: string;
            /** @enum {string} */
            state: "asked" | "granted" | "on";
            /** Format: date-time */
            since: string;
            ends_at: string | null;
            overdue: boolean;
            leave: boolean;
            waits: string;
            place: number | null;
            by: string;
        } & {
            [key: string]: unknown;
        };
        LiveCall: {
            call: string;
            caller: string;
            trunk: string;
            brand: string;
            identity: string;
            customer: string;
            customer_name: string;
            customer_class: string;
            nuisance: string;
            queue: string | null;
            stage: string;
            agent: string | null;
            offer: string | null;
            position: number | null;
            position_in_queue: number | null;
            asked_at: string | null;
            waiting_since: string | null;
            in_time: boolean | null;
            waited_s: number;
            priority: number;
            virtual: boolean;
            kept_for: string | null;
            held: ("hold" | "consult" | "three-way") | null;
            held_since: string | null;
            muted: boolean;
            masked_since: string | null;
            masked_until: string | null;
            masked_by: string;
            mask_failed: string;
            line: {
                [key: string]: string[];
            };
            transfer: components["schemas"]["LiveTransfer"] | null;
            listeners: components["schemas"]["LiveListener"][];
            rows: number[];
        } & {
            [key: string]: unknown;
        };
        LiveHand: {
            /** Format: date-time */
            since: string;
            note: string;
        } & {
            [key: string]: unknown;
        };
        LiveListener: {
            listener: string;
            account: string;
            telephone: string;
            mode: string;
            state: string;
            took_over: boolean;
            teams: string[];
            /** Format: date-time */
            since: string;
        } & {
            [key: string]: unknown;
        };
        LiveQueue: {
            name: string;
            zh: string;
            en: string;
            waiting: number;
            longest_wait_s: number;
            staffed: number;
            available: number;
            open: boolean;
            closed: boolean;
            closed_by: string;
            closed_at: string | null;
            median_s: number;
            p90_s: number;
            target: components["schemas"]["ServiceLevel"];
            brand: string;
        } & {
            [key: string]: unknown;
        };
        LiveSelfCall: {
            trunk: string;
            under_way: boolean;
            at: string | null;
            why: string;
            ok: boolean | null;
            faults: components["schemas"]["FoundFault"][];
            lines: {
                [key: string]: string[];
            };
        };
        LiveTransfer: {
            number: number;
            state: string;
            first: string;
            kind: string;
            to: string;
            receiver: string;
            reason: string;
            note: string;
            warm: boolean;
            how: string;
            amount: number;
            /** Format: date-time */
            since: string;
        } & {
            [key: string]: unknown;
        };
        LiveTrunk: {
            name: string;
            state: string;
            well: boolean;
            since: string | null;
            said: {
                [key: string]: string;
            };
            registrar: number | null;
            refused: number;
            carried: number;
            failed: number;
        } & {
            [key: string]: unknown;
        };
        LookUpAnswer: {
            /** @enum {string} */
            state: "found" | "not-found" | "refused" | "failed" | "pending";
            records: {
                [key: string]: string;
            }[];
            today: string;
            why: string;
            ticket: string;
        };
        LookedUp: {
            at: string;
            lookup: string;
            by: string;
            /** @enum {string} */
            state: "found" | "not-found" | "refused" | "failed";
            why: string;
            took_s: number;
            answer: {
                [key: string]: string;
            };
        } & {
            [key: string]: unknown;
        };
        ManifestCall: {
            call: string;
            promised_in: string;
            /** Format: date-time */
            arrived_at: string;
            ended_at: string | null;
            queue: string;
            agents: string[];
            complete: boolean;
            legs: components["schemas"]["ManifestLeg"][];
        };
        ManifestLeg: {
            offer: string;
            kind: string;
            agent: string;
            first: string;
            queue: string;
            began_at: string | null;
            ended_at: string | null;
            talk_s: number | null;
            hold_s: number | null;
            consult_s: number | null;
            spans: components["schemas"]["RecordingSpan"][];
            file: string;
            seconds: number | null;
            sha256: string;
            complete: boolean;
            why: string;
            why_zh: string;
            silent: string;
            levels: components["schemas"]["SideLevel"][];
            level_faults: string[];
            filed_at: string | null;
            deleted_at: string | null;
            deleted_by: string;
            deleted_why: string;
            held: boolean;
            in_manifest: boolean;
        };
        Me: {
            account: string;
            roles: string[];
            name: string;
            teams: string[];
            brands: string[];
            may: string[];
        };
        MeasuredSound: {
            out: components["schemas"]["Way"];
            back: components["schemas"]["Way"];
            round_trip_ms: number | null;
        };
        MenuFiguresAnswer: {
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
            menus: components["schemas"]["FiguresOfMenu"][];
        };
        MenuTryAnswer: {
            faults: string[];
            heard: string[];
            goal: string;
            trail: string;
        };
        MenusAnswer: {
            brand: string;
            file: string;
            own: boolean;
            files: {
                [key: string]: string;
            };
            tree: string;
            mermaid: string;
            warnings: string[];
            menus: components["schemas"]["OneMenu"][];
        };
        MessageTold: {
            message: string;
            text: string;
            by: string;
            agents: string[];
            teams: string[];
            /** Format: date-time */
            at: string;
            /** Format: date-time */
            until: string;
            ended_at: string | null;
            ended_by: string;
            to: components["schemas"]["ReadBy"][];
        };
        Messages: {
            messages: components["schemas"]["MessageTold"][];
        };
        MissedCaller: {
            call: string;
            caller: string;
            customer_name: string;
            queue: string;
            brand: string;
            language: string;
            /** Format: date-time */
            ended_at: string;
            wait_s: number | null;
            times: number;
        };
        MissedCallers: {
            callers: components["schemas"]["MissedCaller"][];
        };
        MistakeTold: {
            line: number;
            en: string;
            zh: string;
        };
        Named: {
            name: string;
            zh: string;
            en: string;
        };
        NamedDisposition: {
            code: string;
            zh: string;
            en: string;
        };
        NamedReason: {
            reason: string;
            zh: string;
            en: string;
        };
        NamedTeam: {
            team: string;
            zh: string;
            en: string;
        };
        NamedWay: {
            how: string;
            zh: string;
            en: string;
        };
        NewApp: {
            secret: string;
            address: string;
            picture: string;
        };
        NewPassword: {
            agent: string;
            note: string;
            password: string;
        };
        NewPasswordTold: {
            account: string;
            note: string;
            password: string;
        };
        NewPin: {
            agent: string;
            note: string;
            pin: string;
        };
        NewsAnswer: {
            say_zh: string;
            say_en: string;
            queue: string;
        };
        Note: {
            zh: string;
            en: string;
        };
        NoticeInWords: {
            what: string;
            remedy: string;
        };
        NumberTarget: {
            allowed: boolean;
            why: string | null;
            proposed: boolean;
            number: string;
            zh: string;
            en: string;
        };
        Offer: {
            offer: string;
            call: string;
            agent: string;
            queue: string;
            number: number;
            /** Format: date-time */
            offered_at: string;
            ringing_at: string | null;
            answered_at: string | null;
            connected_at: string | null;
            ended_at: string | null;
            outcome: string | null;
            cause: number | null;
            ring_s: number | null;
            rings: number | null;
            wait_s: number | null;
            talk_s: number | null;
            ended_by: string | null;
            explanation: {
                [key: string]: unknown;
            };
        };
        OneAgent: {
            agent: components["schemas"]["LiveAgent"];
            skills: {
                [key: string]: number;
            };
            queues: string[];
            /** Format: date */
            day: string;
            stretches: components["schemas"]["Stretch"][];
            times: components["schemas"]["Share"][];
            figures: components["schemas"]["AgentFigures"];
        };
        OneCall: {
            call: components["schemas"]["Call"];
            timeline: components["schemas"]["Line"][];
            offers: components["schemas"]["Offer"][];
            recordings: components["schemas"]["CallRecording"][];
            lines: components["schemas"]["LegQuality"][];
        };
        OneMadeReport: {
            number: number;
            name: string;
            /** Format: date */
            first: string;
            /** Format: date */
            last: string;
            /** Format: date-time */
            made_at: string;
            /** @enum {string} */
            why: "due" | "asked";
            folder: string;
            files: string[];
            /** @enum {string} */
            mail: "none" | "waiting" | "sending" | "sent" | "unknown" | "given up";
        };
        OneMenu: {
            name: string;
            play: string;
            keys: components["schemas"]["KeyOfMenu"][];
            failure: string;
        };
        OneQueue: {
            queue: components["schemas"]["LiveQueue"];
            skills: {
                [key: string]: number;
            };
            prefers: {
                [key: string]: number;
            };
            strategy: string;
            calls: components["schemas"]["LiveCall"][];
            agents: components["schemas"]["Serving"][];
            policy: components["schemas"]["PolicyRow"][];
        };
        OneRecording: {
            recording: components["schemas"]["Recording"];
            spans: components["schemas"]["RecordingSpan"][];
            /** @enum {string} */
            verdict: "intact" | "altered" | "missing" | "unreadable" | "no file" | "deleted";
            lines: components["schemas"]["LegQuality"][];
        };
        OneReview: {
            review: components["schemas"]["OpenReview"];
            form: components["schemas"]["ReviewForm"];
            appeal: string;
            given: components["schemas"]["GivenReview"] | null;
        };
        OpenReview: {
            offer: string;
            number: number;
            /** @enum {string} */
            kind: "first" | "second" | "appeal";
            call: string;
            agent: string;
            queue: string;
            week: string;
            talked_at: string | null;
            seconds: number | null;
            /** Format: date-time */
            assigned_at: string;
        };
        Outcome: {
            taken: boolean;
            version: number;
            differences: string[];
            warnings: string[];
            note: string;
        };
        OwnAnswer: {
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
            own: components["schemas"]["SurveyRow"];
        };
        OwnDayQueue: {
            name: string;
            zh: string;
            en: string;
            waiting: number;
            longest_wait_s: number;
        };
        OwnPasskey: {
            id: string;
            name: string;
            /** Format: date-time */
            made_at: string;
            used_at: string | null;
        };
        OwnScores: {
            talks: components["schemas"]["ScoredTalk"][];
            forms: components["schemas"]["ReviewForm"][];
        };
        OwnSignIn: {
            totp_since: string | null;
            recovery_codes: number;
            passkeys: components["schemas"]["OwnPasskey"][];
            passkeys_possible: boolean;
            must: boolean;
            recent: boolean;
        };
        PasskeyOptions: {
            options: {
                [key: string]: unknown;
            };
        };
        PinAnswer: {
            /** @enum {string} */
            result: "ok" | "wrong" | "locked" | "unknown";
        };
        Plan: {
            register: boolean;
            queue: string;
            priority: number;
            at_a_time: number;
            pauses_s: number[];
        };
        PolicyRow: {
            row: number;
            why: string;
            zh: string;
            en: string;
        };
        QuestionsAnswer: {
            questions: string[];
            low: number;
            callback: boolean;
        };
        QueueAnswer: {
            open: boolean;
            staffed: number;
            waiting: number;
            longest_wait_s: number;
            median_s: number;
            p90_s: number;
            say: string;
            day: string;
            hour: number;
            minute: number;
        };
        QueueTarget: {
            allowed: boolean;
            why: string | null;
            proposed: boolean;
            name: string;
            zh: string;
            en: string;
            waiting: number;
            available: number;
            staffed: number;
            median_s: number;
            open: boolean;
        };
        Queues: {
            queues: components["schemas"]["LiveQueue"][];
        };
        ReadBy: {
            agent: string;
            seen_at: string | null;
        };
        ReasonChoice: {
            reason: string;
            zh: string;
            en: string;
            key: string;
            amount: boolean;
        };
        Recording: {
            offer: string;
            call: string;
            caller: string;
            agent: string;
            queue: string;
            brand: string;
            /** Format: date-time */
            offered_at: string;
            state: string;
            seconds: number | null;
            talk_s: number | null;
            sha256: string;
            reason: string;
            reason_zh: string;
            silent: string;
            filed_at: string | null;
            kind: string;
            recorded_s: number | null;
            deleted_at: string | null;
            deleted_by: string;
            deleted_why: string;
            held_at: string | null;
            held_by: string;
            held_why: string;
            held_call: boolean;
            first: string;
            caller_mos: number | null;
            caller_problems: string[] | null;
            agent_mos: number | null;
            agent_problems: string[] | null;
        };
        RecordingSpan: {
            kind: string;
            from_s: number;
            to_s: number;
            lasted_s: number;
            by: string;
        };
        Recordings: {
            recordings: components["schemas"]["Recording"][];
            before: string | null;
        };
        RecoveryCodes: {
            recovery_codes: string[];
        };
        RemovedTold: {
            customer: string;
        };
        ReportAnswer: {
            /** @enum {string} */
            by: "queues" | "agents";
            /** Format: date */
            first: string;
            /** Format: date */
            last: string;
            whole: boolean;
            /** Format: date-time */
            made_at: string;
            figures: components["schemas"]["ReportFigure"][];
            rows: components["schemas"]["ReportRow"][];
            total: components["schemas"]["ReportRow"];
            days: components["schemas"]["ReportDay"][];
        };
        ReportDay: {
            /** Format: date */
            day: string;
            figures: components["schemas"]["ReportRow"];
        };
        ReportFigure: {
            name: string;
            /** @enum {string} */
            kind: "count" | "share" | "seconds" | "time";
            label: components["schemas"]["BothWords"];
            definition: components["schemas"]["BothWords"];
            anchor: string;
            target: number | null;
        };
        ReportRow: {
            name: string;
            label: components["schemas"]["BothWords"];
            values: {
                [key: string]: number | null;
            };
            few: string[];
            missed: string[];
        };
        Reports: {
            calls: components["schemas"]["SelfCallReport"][];
        };
        ReportsAnswer: {
            reports: components["schemas"]["ConfiguredReport"][];
            made: components["schemas"]["OneMadeReport"][];
        };
        RetainedCall: {
            call: string;
            class_name: string;
            known: boolean;
            days: number;
            until: string | null;
            recordings: number;
            held_recordings: number;
            deleted_recordings: number;
            given: string;
            given_at: string | null;
            given_by: string;
            given_why: string;
            held_at: string | null;
            held_by: string;
            held_why: string;
            classes: components["schemas"]["KnownClass"][];
        };
        RetentionChanged: {
            call: string;
            class_name: string;
            held: boolean;
            recordings: number;
            deleted_recordings: number;
        };
        ReviewAppeal: {
            /** Format: date-time */
            appealed_at: string;
            reason: string;
            decided_at: string | null;
        };
        ReviewComment: {
            at_s: number;
            item: string;
            text: string;
        };
        ReviewForm: {
            name: string;
            version: number;
            zh: string;
            en: string;
            groups: components["schemas"]["ReviewGroup"][];
        };
        ReviewGroup: {
            name: string;
            zh: string;
            en: string;
            weight: number;
            items: components["schemas"]["ReviewItem"][];
        };
        ReviewItem: {
            name: string;
            zh: string;
            en: string;
            /** @enum {string} */
            kind: "points" | "yes-no";
            weight: number;
            fatal: boolean;
            guide_zh: string;
            guide_en: string;
        };
        ReviewScore: {
            offer: string;
            number: number;
            score: number | null;
            groups: {
                [key: string]: number | null;
            };
            fatal: string[];
        };
        ReviewWork: {
            open: components["schemas"]["OpenReview"][];
            given: components["schemas"]["GivenReview"][];
        };
        Rival: {
            call: string;
            /** Format: date-time */
            place: string;
            /** Format: date-time */
            turn: string;
            priority: number;
        };
        RoleRow: {
            role: string;
            zh: string;
            en: string;
            what_zh: string;
            what_en: string;
            reach: string;
            may: string[];
        };
        ScoredTalk: {
            offer: string;
            call: string;
            agent: string;
            queue: string;
            week: string;
            talked_at: string | null;
            score: number | null;
            fatal: string[];
            appeal: components["schemas"]["ReviewAppeal"] | null;
            history: components["schemas"]["GivenReview"][];
        };
        Scores: {
            talks: components["schemas"]["ScoredTalk"][];
            forms: components["schemas"]["ReviewForm"][];
        };
        SeenBy: {
            by: string;
            /** Format: date-time */
            at: string;
        };
        SelfCallReport: {
            at: string;
            why: string;
            ok: boolean;
            trunk: string;
            number: string;
            shown: string;
            written: string;
            answered: boolean;
            cause: number;
            sip: string;
            arrived: components["schemas"]["CameAs"] | null;
            keys_out: string;
            keys_back: string;
            heard_out: string | null;
            heard_back: string | null;
            sound: components["schemas"]["MeasuredSound"] | null;
            recording: string;
            complete: boolean;
            took_s: number;
            faults: components["schemas"]["FoundFault"][];
            lines: {
                [key: string]: string[];
            };
        };
        ServiceLevel: {
            answer_within_s: number;
            within_share: number;
        };
        Serving: {
            agent: string;
            name: string;
            state: string;
            reason: string;
            skills: {
                [key: string]: number;
            };
        };
        SetHours: {
            queue: string;
            open: boolean;
            /** Format: date-time */
            until: string;
            zh: string;
            en: string;
            by: string;
        };
        Settled: {
            call: string;
        };
        Share: {
            state: string;
            reason: string;
            times: number;
            seconds: number;
        };
        SideLevel: {
            speaker: string;
            loudest_db: number;
            speech_db: number;
            clipped_percent: number;
        };
        SkillTarget: {
            allowed: boolean;
            why: string | null;
            proposed: boolean;
            skill: string;
            zh: string;
            en: string;
            staffed: number;
            available: number;
        };
        SoundOfCall: {
            offer: string;
            kind: string;
        };
        State: {
            /** Format: date-time */
            at: string;
            pbx: boolean;
            behind: number;
            queues: components["schemas"]["LiveQueue"][];
            agents: components["schemas"]["LiveAgent"][];
            calls: components["schemas"]["LiveCall"][];
            trunks: components["schemas"]["LiveTrunk"][];
            self_calls: components["schemas"]["LiveSelfCall"][];
            alarms: components["schemas"]["LiveAlarm"][];
            counts: {
                [key: string]: unknown;
            };
            lines: {
                [key: string]: {
                    [key: string]: number;
                };
            };
        };
        Step: {
            /** Format: date-time */
            at: string;
            kind: string;
            agent: string;
            offer: string;
            queue: string;
            detail: {
                [key: string]: unknown;
            };
            zh: string;
            en: string;
            choice: components["schemas"]["Choice"] | null;
        };
        StepTold: {
            /** Format: date-time */
            at: string;
            zh: string;
            en: string;
        };
        Stretch: {
            /** Format: date-time */
            from_at: string;
            to_at: string | null;
            state: string;
            reason: string;
            seconds: number;
        };
        Suggestion: {
            number: number;
            alarm: string;
            kind: string;
            subject: string;
            /** Format: date-time */
            raised_at: string;
        };
        SurveyFigure: {
            value: number | null;
            answers: number;
            too_few: boolean;
        };
        SurveyRow: {
            who: string;
            asked: number;
            answered: number;
            answered_last: number;
            response: components["schemas"]["SurveyFigure"];
            csat: components["schemas"]["SurveyFigure"];
            nps: components["schemas"]["SurveyFigure"];
            solved: components["schemas"]["SurveyFigure"];
            fcr: components["schemas"]["SurveyFigure"];
            fcr_open: number;
            low: number;
            callbacks: number;
            words: number;
        };
        SurveysAnswer: {
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
            /** @enum {string} */
            by: "queue" | "agent";
            all: components["schemas"]["SurveyRow"];
            rows: components["schemas"]["SurveyRow"][];
        };
        TakenAnswer: {
            taken: boolean;
            low: boolean;
            callback: boolean;
        };
        TalkFindings: {
            offer: string;
            agent: string;
            queue: string;
            /** @enum {string} */
            state: "due" | "before" | "begun" | "done" | "no-sound" | "failed";
            why: string;
            analysed_at: string | null;
            agent_share: number | null;
            findings: components["schemas"]["FoundInTalk"][];
        };
        Targets: {
            call: string;
            agents: components["schemas"]["AgentTarget"][];
            queues: components["schemas"]["QueueTarget"][];
            skills: components["schemas"]["SkillTarget"][];
            numbers: components["schemas"]["NumberTarget"][];
            reasons: components["schemas"]["ReasonChoice"][];
        };
        TeamRow: {
            team: string;
            zh: string;
            en: string;
            queues: string[];
            agents: number;
        };
        Tested: {
            ways: components["schemas"]["TriedWay"][];
        };
        TodayAnswer: {
            queue: string;
            state: string;
            until: string | null;
            faults: string[];
        };
        Told: {
            agent: string;
            told: string;
        };
        ToldAccount: {
            account: string;
            note: string;
        };
        ToldAlarm: {
            number: number;
            kind: string;
            subject: string;
            /** @enum {string} */
            severity: "warning" | "critical";
            title: {
                [key: string]: string;
            };
            said: {
                [key: string]: string;
            };
            /** Format: date-time */
            raised_at: string;
            /** Format: date-time */
            last_at: string;
            times: number;
            call: string;
            brand: string;
            agent: string;
            queue: string;
            seen: components["schemas"]["SeenBy"][];
            cleared_at: string | null;
            cleared_by: string;
            history: components["schemas"]["AlarmStep"][];
        } & {
            [key: string]: unknown;
        };
        ToldAll: {
            agents: string[];
            told: string;
        };
        ToldAnswer: {
            told: boolean;
        };
        ToldCall: {
            call: string;
            told: string;
        };
        ToldMove: {
            agent: string;
            told: string;
            note: string;
        };
        ToldOfAlarm: {
            number: number;
            /** @enum {string} */
            told: "AlarmSeen" | "AlarmCleared";
        };
        ToldQueue: {
            queue: string;
            told: string;
        };
        TriedWay: {
            way: string;
            configured: boolean;
            why: string;
        };
        UnexplainedTransfer: {
            call: string;
            number: number;
            to: string;
            receiver: string;
            /** Format: date-time */
            at: string;
        };
        Verified: {
            /** @enum {string} */
            level: "none" | "number" | "full";
            how: string;
            by: string;
            at: string | null;
            before: components["schemas"]["VerifiedBefore"] | null;
        } & {
            [key: string]: unknown;
        };
        VerifiedBefore: {
            call: string;
            /** @enum {string} */
            level: "number" | "full";
            how: string;
            by: string;
            at: string;
        } & {
            [key: string]: unknown;
        };
        Version: {
            number: number;
            at: string;
            by: string;
            how: string;
            sha: string;
            file: string;
            like: number;
        };
        Vocabulary: {
            hotline: string;
            not_ready_reasons: components["schemas"]["NamedReason"][];
            transfer_reasons: components["schemas"]["NamedReason"][];
            dispositions: components["schemas"]["NamedDisposition"][];
            verify: components["schemas"]["NamedWay"][];
            target: {
                [key: string]: number;
            };
            floor: {
                [key: string]: number;
            };
            ring_s: number;
            rings: number;
            priority_s: number;
            queues: components["schemas"]["Named"][];
            teams: components["schemas"]["NamedTeam"][];
            brands: components["schemas"]["Named"][];
            classes: components["schemas"]["Named"][];
            timezone: string;
        };
        WaitsAnswer: {
            waits: components["schemas"]["KeptWaits"][];
        };
        Way: {
            heard: boolean;
            level_dbov: number | null;
            lost_db: number | null;
            loss_percent: number;
            jitter_ms: number;
            mos: number | null;
        };
        Ways: {
            passkey: boolean;
            oidc: components["schemas"]["Button"] | null;
        };
        WeekDrawn: {
            week: string;
            seed: string;
            share: number;
            shifts: string[];
            timezone: string;
            form: string;
            version: number;
            talks: number;
            taken: number;
            twice: number;
            graders: number;
            not_assigned: number;
            population: string;
        };
        Whole: {
            required: {
                [key: string]: unknown;
            }[];
            prefers: {
                [key: string]: number;
            };
            agents: components["schemas"]["Considered"][];
            callers: components["schemas"]["Rival"][];
        };
        Words: {
            what: string;
            remedy: string;
        };
        WorkOf: {
            agent: string;
            name: string;
            /** Format: date-time */
            worked_since: string;
        };
        WrapUp: {
            call: string | null;
            /** Format: date-time */
            since: string;
            ends_at: string | null;
            extensions: number;
        };
    };
}
export type AccountRow = components['schemas']['AccountRow'];
export type AccountsTold = components['schemas']['AccountsTold'];
export type AddedAgent = components['schemas']['AddedAgent'];
export type AgentFigures = components['schemas']['AgentFigures'];
export type AgentTarget = components['schemas']['AgentTarget'];
export type AgentToday = components['schemas']['AgentToday'];
export type Agents = components['schemas']['Agents'];
export type AgentsToday = components['schemas']['AgentsToday'];
export type Agreement = components['schemas']['Agreement'];
export type AlarmStep = components['schemas']['AlarmStep'];
export type Alarms = components['schemas']['Alarms'];
export type Appealed = components['schemas']['Appealed'];
export type AppliedRow = components['schemas']['AppliedRow'];
export type BothWords = components['schemas']['BothWords'];
export type BrandRow = components['schemas']['BrandRow'];
export type BreakBoard = components['schemas']['BreakBoard'];
export type BreakOf = components['schemas']['BreakOf'];
export type Button = components['schemas']['Button'];
export type Call = components['schemas']['Call'];
export type CallAnswer = components['schemas']['CallAnswer'];
export type CallFindings = components['schemas']['CallFindings'];
export type CallRecording = components['schemas']['CallRecording'];
export type CallbackAnswer = components['schemas']['CallbackAnswer'];
export type CallbackTold = components['schemas']['CallbackTold'];
export type CallbackWithStory = components['schemas']['CallbackWithStory'];
export type CallbacksTold = components['schemas']['CallbacksTold'];
export type CallerAnswer = components['schemas']['CallerAnswer'];
export type Calls = components['schemas']['Calls'];
export type CameAs = components['schemas']['CameAs'];
export type CapacityNow = components['schemas']['CapacityNow'];
export type Card = components['schemas']['Card'];
export type CardCustomer = components['schemas']['CardCustomer'];
export type ChangedAgent = components['schemas']['ChangedAgent'];
export type Check = components['schemas']['Check'];
export type Choice = components['schemas']['Choice'];
export type ClassRow = components['schemas']['ClassRow'];
export type ClearedAnswer = components['schemas']['ClearedAnswer'];
export type ConfiguredReport = components['schemas']['ConfiguredReport'];
export type ConfirmedAnswer = components['schemas']['ConfirmedAnswer'];
export type Considered = components['schemas']['Considered'];
export type Contact = components['schemas']['Contact'];
export type ContactManifest = components['schemas']['ContactManifest'];
export type Contacts = components['schemas']['Contacts'];
export type Counts = components['schemas']['Counts'];
export type Credentials = components['schemas']['Credentials'];
export type CustomerFileRead = components['schemas']['CustomerFileRead'];
export type CustomerTold = components['schemas']['CustomerTold'];
export type CustomersImported = components['schemas']['CustomersImported'];
export type CustomersTold = components['schemas']['CustomersTold'];
export type DayHours = components['schemas']['DayHours'];
export type DayTold = components['schemas']['DayTold'];
export type DaysTold = components['schemas']['DaysTold'];
export type Declared = components['schemas']['Declared'];
export type Desk = components['schemas']['Desk'];
export type DeskBrand = components['schemas']['DeskBrand'];
export type DeskBreakKind = components['schemas']['DeskBreakKind'];
export type DeskCall = components['schemas']['DeskCall'];
export type DeskCallback = components['schemas']['DeskCallback'];
export type DeskConsult = components['schemas']['DeskConsult'];
export type DeskDay = components['schemas']['DeskDay'];
export type DeskDisposition = components['schemas']['DeskDisposition'];
export type DeskFigures = components['schemas']['DeskFigures'];
export type DeskMessage = components['schemas']['DeskMessage'];
export type DeskOffer = components['schemas']['DeskOffer'];
export type DeskPastCall = components['schemas']['DeskPastCall'];
export type DeskPromise = components['schemas']['DeskPromise'];
export type DeskQueue = components['schemas']['DeskQueue'];
export type DeskRules = components['schemas']['DeskRules'];
export type Done = components['schemas']['Done'];
export type Drafted = components['schemas']['Drafted'];
export type Erased = components['schemas']['Erased'];
export type ErasedTold = components['schemas']['ErasedTold'];
export type Explanation = components['schemas']['Explanation'];
export type FaultCaller = components['schemas']['FaultCaller'];
export type FaultCallers = components['schemas']['FaultCallers'];
export type FaultRow = components['schemas']['FaultRow'];
export type FaultStepAnswer = components['schemas']['FaultStepAnswer'];
export type FaultsAnswer = components['schemas']['FaultsAnswer'];
export type Figure = components['schemas']['Figure'];
export type Figures = components['schemas']['Figures'];
export type FiguresOfMenu = components['schemas']['FiguresOfMenu'];
export type FoundFault = components['schemas']['FoundFault'];
export type FoundInTalk = components['schemas']['FoundInTalk'];
export type GivenReview = components['schemas']['GivenReview'];
export type GoTo = components['schemas']['GoTo'];
export type HandedBy = components['schemas']['HandedBy'];
export type Health = components['schemas']['Health'];
export type HealthNotice = components['schemas']['HealthNotice'];
export type HeldByHand = components['schemas']['HeldByHand'];
export type HeldList = components['schemas']['HeldList'];
export type History = components['schemas']['History'];
export type HoursAnswer = components['schemas']['HoursAnswer'];
export type IdentityAnswer = components['schemas']['IdentityAnswer'];
export type Imported = components['schemas']['Imported'];
export type InForce = components['schemas']['InForce'];
export type Interval = components['schemas']['Interval'];
export type KeptRecording = components['schemas']['KeptRecording'];
export type KeptWaits = components['schemas']['KeptWaits'];
export type KeyOfMenu = components['schemas']['KeyOfMenu'];
export type KnownClass = components['schemas']['KnownClass'];
export type KpiAnswer = components['schemas']['KpiAnswer'];
export type Left = components['schemas']['Left'];
export type LegLine = components['schemas']['LegLine'];
export type LegQuality = components['schemas']['LegQuality'];
export type LimitNow = components['schemas']['LimitNow'];
export type Line = components['schemas']['Line'];
export type Lines = components['schemas']['Lines'];
export type ListedCall = components['schemas']['ListedCall'];
export type Listening = components['schemas']['Listening'];
export type LiveAgent = components['schemas']['LiveAgent'];
export type LiveAlarm = components['schemas']['LiveAlarm'];
export type LiveBreak = components['schemas']['LiveBreak'];
export type LiveCall = components['schemas']['LiveCall'];
export type LiveHand = components['schemas']['LiveHand'];
export type LiveListener = components['schemas']['LiveListener'];
export type LiveQueue = components['schemas']['LiveQueue'];
export type LiveSelfCall = components['schemas']['LiveSelfCall'];
export type LiveTransfer = components['schemas']['LiveTransfer'];
export type LiveTrunk = components['schemas']['LiveTrunk'];
export type LookUpAnswer = components['schemas']['LookUpAnswer'];
export type LookedUp = components['schemas']['LookedUp'];
export type ManifestCall = components['schemas']['ManifestCall'];
export type ManifestLeg = components['schemas']['ManifestLeg'];
export type Me = components['schemas']['Me'];
export type MeasuredSound = components['schemas']['MeasuredSound'];
export type MenuFiguresAnswer = components['schemas']['MenuFiguresAnswer'];
export type MenuTryAnswer = components['schemas']['MenuTryAnswer'];
export type MenusAnswer = components['schemas']['MenusAnswer'];
export type MessageTold = components['schemas']['MessageTold'];
export type Messages = components['schemas']['Messages'];
export type MissedCaller = components['schemas']['MissedCaller'];
export type MissedCallers = components['schemas']['MissedCallers'];
export type MistakeTold = components['schemas']['MistakeTold'];
export type Named = components['schemas']['Named'];
export type NamedDisposition = components['schemas']['NamedDisposition'];
export type NamedReason = components['schemas']['NamedReason'];
export type NamedTeam = components['schemas']['NamedTeam'];
export type NamedWay = components['schemas']['NamedWay'];
export type NewApp = components['schemas']['NewApp'];
export type NewPassword = components['schemas']['NewPassword'];
export type NewPasswordTold = components['schemas']['NewPasswordTold'];
export type NewPin = components['schemas']['NewPin'];
export type NewsAnswer = components['schemas']['NewsAnswer'];
export type Note = components['schemas']['Note'];
export type NoticeInWords = components['schemas']['NoticeInWords'];
export type NumberTarget = components['schemas']['NumberTarget'];
export type Offer = components['schemas']['Offer'];
export type OneAgent = components['schemas']['OneAgent'];
export type OneCall = components['schemas']['OneCall'];
export type OneMadeReport = components['schemas']['OneMadeReport'];
export type OneMenu = components['schemas']['OneMenu'];
export type OneQueue = components['schemas']['OneQueue'];
export type OneRecording = components['schemas']['OneRecording'];
export type OneReview = components['schemas']['OneReview'];
export type OpenReview = components['schemas']['OpenReview'];
export type Outcome = components['schemas']['Outcome'];
export type OwnAnswer = components['schemas']['OwnAnswer'];
export type OwnDayQueue = components['schemas']['OwnDayQueue'];
export type OwnPasskey = components['schemas']['OwnPasskey'];
export type OwnScores = components['schemas']['OwnScores'];
export type OwnSignIn = components['schemas']['OwnSignIn'];
export type PasskeyOptions = components['schemas']['PasskeyOptions'];
export type PinAnswer = components['schemas']['PinAnswer'];
export type Plan = components['schemas']['Plan'];
export type PolicyRow = components['schemas']['PolicyRow'];
export type QuestionsAnswer = components['schemas']['QuestionsAnswer'];
export type QueueAnswer = components['schemas']['QueueAnswer'];
export type QueueTarget = components['schemas']['QueueTarget'];
export type Queues = components['schemas']['Queues'];
export type ReadBy = components['schemas']['ReadBy'];
export type ReasonChoice = components['schemas']['ReasonChoice'];
export type Recording = components['schemas']['Recording'];
export type RecordingSpan = components['schemas']['RecordingSpan'];
export type Recordings = components['schemas']['Recordings'];
export type RecoveryCodes = components['schemas']['RecoveryCodes'];
export type RemovedTold = components['schemas']['RemovedTold'];
export type ReportAnswer = components['schemas']['ReportAnswer'];
export type ReportDay = components['schemas']['ReportDay'];
export type ReportFigure = components['schemas']['ReportFigure'];
export type ReportRow = components['schemas']['ReportRow'];
export type Reports = components['schemas']['Reports'];
export type ReportsAnswer = components['schemas']['ReportsAnswer'];
export type RetainedCall = components['schemas']['RetainedCall'];
export type RetentionChanged = components['schemas']['RetentionChanged'];
export type ReviewAppeal = components['schemas']['ReviewAppeal'];
export type ReviewComment = components['schemas']['ReviewComment'];
export type ReviewForm = components['schemas']['ReviewForm'];
export type ReviewGroup = components['schemas']['ReviewGroup'];
export type ReviewItem = components['schemas']['ReviewItem'];
export type ReviewScore = components['schemas']['ReviewScore'];
export type ReviewWork = components['schemas']['ReviewWork'];
export type Rival = components['schemas']['Rival'];
export type RoleRow = components['schemas']['RoleRow'];
export type ScoredTalk = components['schemas']['ScoredTalk'];
export type Scores = components['schemas']['Scores'];
export type SeenBy = components['schemas']['SeenBy'];
export type SelfCallReport = components['schemas']['SelfCallReport'];
export type ServiceLevel = components['schemas']['ServiceLevel'];
export type Serving = components['schemas']['Serving'];
export type SetHours = components['schemas']['SetHours'];
export type Settled = components['schemas']['Settled'];
export type Share = components['schemas']['Share'];
export type SideLevel = components['schemas']['SideLevel'];
export type SkillTarget = components['schemas']['SkillTarget'];
export type SoundOfCall = components['schemas']['SoundOfCall'];
export type State = components['schemas']['State'];
export type Step = components['schemas']['Step'];
export type StepTold = components['schemas']['StepTold'];
export type Stretch = components['schemas']['Stretch'];
export type Suggestion = components['schemas']['Suggestion'];
export type SurveyFigure = components['schemas']['SurveyFigure'];
export type SurveyRow = components['schemas']['SurveyRow'];
export type SurveysAnswer = components['schemas']['SurveysAnswer'];
export type TakenAnswer = components['schemas']['TakenAnswer'];
export type TalkFindings = components['schemas']['TalkFindings'];
export type Targets = components['schemas']['Targets'];
export type TeamRow = components['schemas']['TeamRow'];
export type Tested = components['schemas']['Tested'];
export type TodayAnswer = components['schemas']['TodayAnswer'];
export type Told = components['schemas']['Told'];
export type ToldAccount = components['schemas']['ToldAccount'];
export type ToldAlarm = components['schemas']['ToldAlarm'];
export type ToldAll = components['schemas']['ToldAll'];
export type ToldAnswer = components['schemas']['ToldAnswer'];
export type ToldCall = components['schemas']['ToldCall'];
export type ToldMove = components['schemas']['ToldMove'];
export type ToldOfAlarm = components['schemas']['ToldOfAlarm'];
export type ToldQueue = components['schemas']['ToldQueue'];
export type TriedWay = components['schemas']['TriedWay'];
export type UnexplainedTransfer = components['schemas']['UnexplainedTransfer'];
export type Verified = components['schemas']['Verified'];
export type VerifiedBefore = components['schemas']['VerifiedBefore'];
export type Version = components['schemas']['Version'];
export type Vocabulary = components['schemas']['Vocabulary'];
export type WaitsAnswer = components['schemas']['WaitsAnswer'];
export type Way = components['schemas']['Way'];
export type Ways = components['schemas']['Ways'];
export type WeekDrawn = components['schemas']['WeekDrawn'];
export type Whole = components['schemas']['Whole'];
export type Words = components['schemas']['Words'];
export type WorkOf = components['schemas']['WorkOf'];
export type WrapUp = components['schemas']['WrapUp'];
